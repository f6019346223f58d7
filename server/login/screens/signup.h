#pragma once
#include "login/screens/sign_up_form.h"

namespace gatehouse::login {

/// Prompt signup: identifiers and password on one page; whoever signs up is signed in. With identifier-first it only leads on to
/// signup_id.
class SignupScreen {
 public:
  explicit SignupScreen(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response show(const LoginVisit& visit, const SignUpForm& told) const;
  [[nodiscard]] http::Response submit(LoginVisit& visit, const http::Parameters& form) const;
  const Kit& kit_;
};

}  // namespace gatehouse::login
