#pragma once
#include "login/screens/screen.h"

namespace gatehouse::login {

/// Prompt logout: really? (/u/logout?state=…, asked by /oidc/logout when nothing proves who wants it), and what came of it
/// (/u/logged-out) where there is no application to go back to. The answer goes into `flow.logout`, "accept" or "deny"; the
/// transaction's `request.return_path` names the address that acts on it.
class LogoutScreen {
 public:
  explicit LogoutScreen(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response show(const LoginVisit& visit) const;
  [[nodiscard]] http::Response submit(LoginVisit& visit, const http::Parameters& form) const;
  [[nodiscard]] http::Response show_done(const http::Request& request) const;
  const Kit& kit_;
};

}  // namespace gatehouse::login
