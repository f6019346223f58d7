#pragma once
#include "connections/database/passkeys.h"
#include "login/screens/sign_up_form.h"

namespace gatehouse::login {

/// Signing up with a passkey instead of a password (prompt passkeys, screen passkey-enrollment), after signup-id has asked who somebody is.
class SignupPasskeyScreen {
 public:
  explicit SignupPasskeyScreen(const Kit& kit) : kit_(kit), passkeys_({kit.parts.db, kit.parts.users, kit.parts.random, kit.parts.clock}) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response show(const LoginVisit& visit, std::string_view alert = {}, int status = 200) const;
  [[nodiscard]] http::Response ask(LoginVisit& visit) const;
  [[nodiscard]] http::Response submit(LoginVisit& visit, const http::Parameters& form) const;
  /// The user as it would be made; what is wrong with it.
  [[nodiscard]] connections::DatabaseResult<model::User> user(const LoginVisit& visit, std::string_view own_id) const;
  const Kit& kit_;
  connections::Passkeys passkeys_;
};

}  // namespace gatehouse::login
