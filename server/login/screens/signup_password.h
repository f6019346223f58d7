#pragma once
#include "login/screens/sign_up_form.h"

namespace gatehouse::login {

/// Prompt signup-password: the second half of an identifier-first sign-up; whoever signs up is signed in.
class SignupPasswordScreen {
 public:
  explicit SignupPasswordScreen(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response show(const LoginVisit& visit, const SignUpForm& told) const;
  [[nodiscard]] http::Response submit(LoginVisit& visit, const http::Parameters& form) const;
  const Kit& kit_;
};

}  // namespace gatehouse::login
