#pragma once
#include "login/screens/screen.h"

namespace gatehouse::login {

/// What somebody typed to sign up, on one page or two, and what is wrong with it. An identifier-first sign-up keeps it with the login
/// between its pages; the password never is.
struct SignUpForm {
  std::string email{}, username{}, phone{};
  std::string_view alert{};
  std::string_view email_error{}, username_error{}, phone_error{}, password_error{};  ///< text keys
  int status = 200;

  static SignUpForm of(const http::Parameters& form);
  static SignUpForm of(const LoginVisit& visit);  ///< what is kept; else what `login_hint` or the login page say already
  void keep(LoginVisit& visit) const;
  [[nodiscard]] bool has_identifier() const { return !email.empty() || !username.empty() || !phone.empty(); }
  [[nodiscard]] bool has_identifier_error() const { return !email_error.empty() || !username_error.empty() || !phone_error.empty(); }
  [[nodiscard]] bool has_error() const { return has_identifier_error() || !password_error.empty(); }
  /// Sets the errors of the identifiers.
  void check(const connections::IdentifierRules& rules);
};

/// ${min}, ${max}, ${characters} of the texts about usernames, beside those of every page.
Placeholders sign_up_placeholders(const LoginVisit& visit, const connections::IdentifierRules& rules);
/// A field for each identifier that is asked for.
std::vector<Field> sign_up_fields(const SignUpForm& told, const connections::IdentifierRules& rules, const ScreenTexts& texts,
                                  const Placeholders& values);
/// The field for a new password, and in the page's `rules` what it must be.
Field new_password_field(const LoginVisit& visit, const SignUpForm& told, const ScreenTexts& texts, const Placeholders& values, Page& page);
/// The cursor waits in the first field that is wrong, else in the first that is empty.
json::array with_cursor(std::vector<Field> fields);

/// Makes the user and signs it in; the answer, unless the form now says what is wrong. Blocks for a hash: sign_in lane.
std::optional<http::Response> sign_up(const Kit& kit, LoginVisit& visit, SignUpForm& told, std::string_view password);

}  // namespace gatehouse::login
