#pragma once
#include "login/screens/code_form.h"

namespace gatehouse::login {

/// Prompt login-passwordless: the code that was sent by mail (login-passwordless-email-code) or phone (login-passwordless-sms-otp), and the
/// landing of a mailed link (login-passwordless-email-link), which signs in at once or says why not.
class LoginPasswordlessScreens {
 public:
  static constexpr std::string_view kLink = "/u/login/passwordless-email-link";
  explicit LoginPasswordlessScreens(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response show(const LoginVisit& visit, const model::Connection& connection, CodeForm told = {}) const;
  [[nodiscard]] http::Response submit(LoginVisit& visit, const http::Parameters& form) const;
  [[nodiscard]] http::Response follow_link(LoginVisit& visit) const;
  const Kit& kit_;
};

/// The passwordless connection of this login to which somebody who typed this can be sent a code; null: none.
std::shared_ptr<const model::Connection> passwordless_for(const LoginVisit& visit, std::string_view identifier);
/// Sends a code and goes to its page. Whether there is such a user shows nowhere.
http::Response begin_passwordless(const Kit& kit, LoginVisit& visit, const model::Connection& connection, std::string_view identifier);
/// Whether this login came from a mailed link that was not tried yet.
bool brings_link(const LoginVisit& visit);

}  // namespace gatehouse::login
