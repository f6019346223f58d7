#pragma once
#include "login/screens/screen.h"

namespace gatehouse::login {

/// Prompt email-verification: what came of following the link of a verification mail.
class EmailVerificationScreen {
 public:
  explicit EmailVerificationScreen(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response show(TicketVisit& visit) const;
  const Kit& kit_;
};

}  // namespace gatehouse::login
