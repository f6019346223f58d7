#pragma once
#include "connections/database/passkeys.h"
#include "login/screens/screen.h"

namespace gatehouse::login {

/// Prompt passkeys: the offer of a passkey after a login. passkey-enrollment after a password (progressive enrolment), passkey-enrollment-local
/// after a passkey of another device. Declined, it is not made again in this browser for 30 days, or, if so wished, for 400.
class PasskeyEnrollmentScreen {
 public:
  explicit PasskeyEnrollmentScreen(const Kit& kit)
      : kit_(kit), passkeys_({kit.parts.db, kit.parts.users, kit.parts.random, kit.parts.clock}) {}
  void mount(http::Router& router);
  /// Whether the offer is due (login/flow.h).
  [[nodiscard]] Result<bool> due(const LoginVisit& visit, const sign_in::Authenticated& who) const;
  static constexpr std::string_view kPath = "/u/passkey-enrollment";

 private:
  [[nodiscard]] http::Response show(const LoginVisit& visit, bool local, std::string_view alert = {}) const;
  [[nodiscard]] http::Response ask(LoginVisit& visit) const;
  [[nodiscard]] http::Response submit(LoginVisit& visit, const http::Parameters& form, bool local) const;
  [[nodiscard]] http::Response declined(LoginVisit& visit, bool for_long) const;
  [[nodiscard]] http::Response failed(const LoginVisit& visit, bool local, std::string_view reason, std::string_view key) const;
  /// Goes on with the login; the offer is not made again in it.
  [[nodiscard]] http::Response go_on(LoginVisit& visit) const;
  const Kit& kit_;
  connections::Passkeys passkeys_;
};

}  // namespace gatehouse::login
