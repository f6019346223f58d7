#pragma once
#include "login/screens/screen.h"

namespace gatehouse::login {

/// Prompt login-password: the second half of identifier-first.
class LoginPasswordScreen {
 public:
  explicit LoginPasswordScreen(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);

 private:
  struct Told {
    std::string_view alert{}, password_error{};
    int status = 200;
  };
  [[nodiscard]] http::Response show(const LoginVisit& visit, const Told& told) const;
  [[nodiscard]] http::Response submit(LoginVisit& visit, const http::Parameters& form) const;
  const Kit& kit_;
};

}  // namespace gatehouse::login
