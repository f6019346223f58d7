#pragma once
#include "login/screens/second_factor.h"

namespace gatehouse::login {

/// Prompt reset-password behind the link of the mail: choose a new password (/u/reset-verify?ticket=…), then reset-password-success
/// or, for a link that is of no use any more, reset-password-error.
class ResetPasswordScreen {
 public:
  ResetPasswordScreen(const Kit& kit, const SecondFactor& factors) : kit_(kit), factors_(factors) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response show(const TicketVisit& visit, std::string_view password_error = {},
                                    std::string_view repeat_error = {}) const;
  [[nodiscard]] http::Response submit(TicketVisit& visit, const http::Parameters& form) const;
  [[nodiscard]] http::Response show_useless(const TicketVisit& visit, model::TicketStore::State state) const;
  [[nodiscard]] http::Response show_done(const TicketVisit& visit) const;
  [[nodiscard]] std::shared_ptr<const model::Connection> connection(const TicketVisit& visit) const;
  const Kit& kit_;
  const SecondFactor& factors_;
};

}  // namespace gatehouse::login
