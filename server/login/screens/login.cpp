#include "login/screens/login.h"

#include "login/screens/login_passwordless.h"
#include "login/screens/passkey.h"

#include "login/captcha.h"
#include "login/ways.h"

namespace gatehouse::login {

void LoginScreen::mount(http::Router& router) {
  kit_.flow.mount(
      router, "/u/login", Phase::authenticate, http::Lane::sign_in,
      [this](LoginVisit& visit) {
        const std::string alert = visit.learnt("alert");  // what went wrong elsewhere
        // Home-realm discovery sends people away once; who comes back here wants something else.
        if (visit.elsewhere && !visit.asked("connection").empty() && alert.empty()) return Flow::see_other(link_to(visit, "/u/login/federated"));
        if (brings_link(visit)) return Flow::see_other(link_to(visit, LoginPasswordlessScreens::kLink));
        if (begins_with_identifier(visit)) return Flow::see_other(link_to(visit, "/u/login/identifier"));
        return show(visit, {.identifier = visit.asked("login_hint"), .alert = alert, .status = alert.empty() ? 200 : 400});
      },
      [this](LoginVisit& visit, const http::Parameters& form) { return submit(visit, form); });
}

http::Response LoginScreen::show(const LoginVisit& visit, const Told& told) const {
  Page page{.template_name = "login", .prompt = "login", .screen = "login", .status = told.status, .alert_key = told.alert};
  page.failed = told.status != 200;
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  add_ways(visit, texts, page);
  add_passkey(visit, texts, page);
  page.variables["form"] = form_of(visit, "/u/login");
  page.variables["links"] = login_links(visit);
  if (!visit.connection) return kit_.pages.render(visit, std::move(page));  // nothing but buttons
  Field identifier = identifier_field(visit, texts, told.identifier, texts.get(told.identifier_error, {}));
  Field password = password_field(texts, texts.get(told.password_error, {}));
  // The cursor waits where the next word is due: after a wrong password, in the password.
  const bool knows_identifier = !told.identifier.empty() && told.identifier_error.empty();
  identifier.autofocus = !knows_identifier;
  password.autofocus = knows_identifier;
  if (!told.alert.empty()) password.describedby = "alert";
  page.variables["fields"] = json::array{identifier.to_json(), password.to_json()};
  add_captcha(kit_, visit, AttackProtection::Guarded::password, told.identifier, page);
  return kit_.pages.render(visit, std::move(page));
}

http::Response LoginScreen::submit(LoginVisit& visit, const http::Parameters& form) const {
  Told told{.identifier = std::string(form.get("username").value_or("")), .status = 400};
  const std::string_view password = form.get("password").value_or("");
  visit.transaction.flow.erase("alert");
  if (!visit.connection) return Flow::see_other(link_to(visit, "/u/login"));
  if (const auto company = connection_for_domain(visit, told.identifier)) {
    visit.transaction.flow["identifier"] = told.identifier;
    visit.transaction.flow["realm"] = company->name;
    return kit_.flow.go(visit, "/u/login/federated");
  }
  if (told.identifier.empty()) told.identifier_error = missing_identifier_key(visit);
  if (password.empty()) told.password_error = "no-password";
  if (told.identifier.empty() || password.empty()) return show(visit, told);

  if (const auto key = captcha_complaint(kit_, visit, AttackProtection::Guarded::password, told.identifier, form); !key.empty()) {
    told.alert = key;
    return show(visit, told);
  }
  if (!kit_.flow.choose_database(visit, told.identifier)) return kit_.flow.busy(visit);
  const sign_in::Attempt attempt = kit_.flow.attempt(visit, told.identifier);
  const auto who = kit_.parts.sign_in.with_password(attempt, password);
  if (who) return kit_.flow.finish(visit, attempt, *who);
  std::string key;
  const Complaint complaint = complaint_of(who.error(), connections::IdentifierRules::of(*visit.connection), key);
  if (complaint.status == 503) return kit_.flow.busy(visit);
  told.alert = complaint.key;
  told.status = complaint.status;
  return show(visit, told);
}

}  // namespace gatehouse::login
