#pragma once
#include "login/screens/screen.h"

namespace gatehouse::login {

/// Prompt brute-force-protection: the link of the blocked-account mail. Asks first: a program that follows links unblocks nobody.
class UnblockScreen {
 public:
  explicit UnblockScreen(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response show(const TicketVisit& visit) const;
  [[nodiscard]] http::Response submit(TicketVisit& visit) const;
  [[nodiscard]] http::Response show_outcome(const TicketVisit& visit, bool unblocked) const;
  const Kit& kit_;
};

}  // namespace gatehouse::login
