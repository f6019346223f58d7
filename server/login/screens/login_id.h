#pragma once
#include "login/screens/screen.h"

namespace gatehouse::login {

/// Prompt login-id: who are you? The first half of identifier-first. Says nothing about whether there is such a user.
class LoginIdScreen {
 public:
  explicit LoginIdScreen(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response show(const LoginVisit& visit, std::string identifier, std::string_view error = {},
                                    std::string_view alert = {}) const;
  [[nodiscard]] http::Response submit(LoginVisit& visit, const http::Parameters& form) const;
  [[nodiscard]] http::Response send_code(LoginVisit& visit, const model::Connection& connection, const std::string& identifier,
                                         const http::Parameters& form) const;
  const Kit& kit_;
};

}  // namespace gatehouse::login
