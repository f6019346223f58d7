#pragma once
#include "login/screens/screen.h"

namespace gatehouse::login {

/// Prompt login, screen login: identifier and password on one page. With identifier-first it only leads on to login_id.
class LoginScreen {
 public:
  explicit LoginScreen(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);

 private:
  struct Told {
    std::string identifier{};
    std::string_view alert{};  ///< text keys
    std::string_view identifier_error{}, password_error{};
    int status = 200;
  };
  [[nodiscard]] http::Response show(const LoginVisit& visit, const Told& told) const;
  [[nodiscard]] http::Response submit(LoginVisit& visit, const http::Parameters& form) const;
  const Kit& kit_;
};

}  // namespace gatehouse::login
