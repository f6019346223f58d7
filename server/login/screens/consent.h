#pragma once
#include "login/screens/screen.h"

namespace gatehouse::login {

/// Prompts consent and confirmation, both at /u/consent: may the application have this (`flow.ask` = consent), and is it really the
/// application, where nobody can vouch for its callback (`flow.ask` = callback). The answer goes into `flow.consent`.
class ConsentScreen {
 public:
  explicit ConsentScreen(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response show(const LoginVisit& visit) const;
  [[nodiscard]] http::Response submit(LoginVisit& visit, const http::Parameters& form) const;
  [[nodiscard]] json::array wishes(const LoginVisit& visit, const ScreenTexts& texts) const;
  const Kit& kit_;
};

}  // namespace gatehouse::login
