#pragma once
#include "login/screens/sign_up_form.h"

namespace gatehouse::login {

/// Prompt signup-id: the first half of an identifier-first sign-up, what the new user is called by. Says nothing about whether there is
/// such a user already.
class SignupIdScreen {
 public:
  explicit SignupIdScreen(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response show(const LoginVisit& visit, const SignUpForm& told) const;
  [[nodiscard]] http::Response submit(LoginVisit& visit, const http::Parameters& form) const;
  const Kit& kit_;
};

}  // namespace gatehouse::login
