#pragma once
#include "connections/database/passkeys.h"
#include "login/screens/screen.h"

namespace gatehouse::login {

/// Whether the login page of this visit lets people in with a passkey.
bool offers_passkeys(const LoginVisit& visit);
/// Sets `passkey` for templates/passkey.liquid, where passkeys are offered: the button, the autofill, what went wrong just now.
void add_passkey(const LoginVisit& visit, const ScreenTexts& texts, Page& page);

/// Signing in with a passkey, on the pages login and login-id: what the browser is asked for, and its answer (/u/login/passkey).
class PasskeyScreen {
 public:
  explicit PasskeyScreen(const Kit& kit) : kit_(kit), passkeys_({kit.parts.db, kit.parts.users, kit.parts.random, kit.parts.clock}) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response ask(LoginVisit& visit) const;
  [[nodiscard]] http::Response submit(LoginVisit& visit, const http::Parameters& form) const;
  const Kit& kit_;
  connections::Passkeys passkeys_;
};

/// What speaks for a passkey, for templates/passkey-enrollment.liquid.
json::array passkey_benefits(const Visit& visit, const ScreenTexts& texts);
/// Options of a ceremony, for assets/webauthn.js.
http::Response webauthn_options(const json::object& options);
/// The browser's answer in a form's field `response`.
std::optional<json::object> webauthn_answer(const http::Parameters& form);

}  // namespace gatehouse::login
