#pragma once
#include "connections/database/identifier_codes.h"
#include "login/screens/code_form.h"

namespace gatehouse::login {

/// Codes that prove a mail address or phone number before a login goes on (Phase::verify_email): email-identifier-challenge after a sign-up,
/// login-email-verification for who was there already; phone-identifier-enrollment (text or call) and phone-identifier-challenge.
class VerifyIdentifierScreens {
 public:
  static constexpr std::string_view kPath = "/u/verify-identifier";  ///< to whichever page is due
  explicit VerifyIdentifierScreens(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);
  [[nodiscard]] Result<bool> due(const LoginVisit& visit, const sign_in::Authenticated& who) const;

 private:
  using Identifier = connections::ProvedIdentifier;
  [[nodiscard]] http::Response begin(LoginVisit& visit) const;
  [[nodiscard]] http::Response send(LoginVisit& visit, Identifier identifier, bool voice, bool again) const;
  [[nodiscard]] http::Response show(const LoginVisit& visit, Identifier identifier, CodeForm told = {}) const;
  [[nodiscard]] http::Response submit(LoginVisit& visit, Identifier identifier, const http::Parameters& form) const;
  [[nodiscard]] http::Response show_ways(const LoginVisit& visit) const;
  [[nodiscard]] http::Response start_again(LoginVisit& visit) const;
  [[nodiscard]] bool has_both_ways(const LoginVisit& visit) const;
  const Kit& kit_;
};

}  // namespace gatehouse::login
