#pragma once
#include "login/screens/screen.h"

namespace gatehouse::login {

/// What stands at the issuer's own address: a word for whoever opens it, and on a development server what to do next.
class WelcomeScreen {
 public:
  explicit WelcomeScreen(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response show(const http::Request& request) const;
  const Kit& kit_;
};

}  // namespace gatehouse::login
