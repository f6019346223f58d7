#pragma once
#include "login/screens/screen.h"

namespace gatehouse::login {

/// Prompt reset-password, screens reset-password-request and reset-password-email: asks whose password, and says that a mail was
/// sent. Both answer alike whether or not there is such a user.
class ResetPasswordRequestScreen {
 public:
  explicit ResetPasswordRequestScreen(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response show(const LoginVisit& visit, std::string identifier, std::string_view error = {},
                                    std::string_view alert = {}) const;
  [[nodiscard]] http::Response submit(LoginVisit& visit, std::string identifier) const;
  [[nodiscard]] http::Response show_sent(const LoginVisit& visit) const;
  const Kit& kit_;
};

}  // namespace gatehouse::login
