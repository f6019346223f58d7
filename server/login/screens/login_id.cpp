#include "login/screens/login_id.h"

#include "login/captcha.h"
#include "login/screens/login_passwordless.h"
#include "login/screens/passkey.h"

#include "base/text.h"
#include "login/ways.h"

namespace gatehouse::login {

void LoginIdScreen::mount(http::Router& router) {
  kit_.flow.mount(
      router, "/u/login/identifier", Phase::authenticate, http::Lane::store,
      [this](LoginVisit& visit) {
        if (!begins_with_identifier(visit)) return Flow::see_other(link_to(visit, "/u/login"));
        const std::string typed = visit.learnt("identifier"), alert = visit.learnt("alert");
        return show(visit, typed.empty() ? visit.asked("login_hint") : typed, {}, alert);
      },
      [this](LoginVisit& visit, const http::Parameters& form) { return submit(visit, form); });
}

http::Response LoginIdScreen::show(const LoginVisit& visit, std::string identifier, std::string_view error,
                                   std::string_view alert) const {
  Page page{
      .template_name = "login", .prompt = "login-id", .screen = "login-id", .status = error.empty() && alert.empty() ? 200 : 400, .alert_key = alert};
  page.failed = page.status != 200;
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  Field field = identifier_field(visit, texts, std::move(identifier), texts.get(error, {}));
  field.autofocus = true;
  page.variables["fields"] = json::array{field.to_json()};
  add_passkey(visit, texts, page);
  page.variables["form"] = form_of(visit, "/u/login/identifier");
  json::object links = login_links(visit);
  links.erase("reset");
  page.variables["links"] = std::move(links);
  add_ways(visit, texts, page);
  if (!visit.connection || connections::PasswordlessConnection::sends_codes(*visit.connection)) add_captcha(kit_, visit, AttackProtection::Guarded::passwordless, field.value, page);
  return kit_.pages.render(visit, std::move(page));
}

http::Response LoginIdScreen::submit(LoginVisit& visit, const http::Parameters& form) const {
  const std::string identifier(trim(form.get("username").value_or("")));
  visit.transaction.flow.erase("alert");
  if (identifier.empty()) return show(visit, identifier, missing_identifier_key(visit));
  if (identifier.size() > 320) return show(visit, identifier.substr(0, 320), "invalid-login-id");
  visit.transaction.flow["identifier"] = identifier;
  visit.transaction.flow.erase("realm");
  if (const auto company = connection_for_domain(visit, identifier)) {
    visit.transaction.flow["realm"] = company->name;
    return kit_.flow.go(visit, "/u/login/federated");
  }
  const connections::IdentifierRules rules = identifier_rules(visit);
  if (!may_identify(rules, identifier)) return show(visit, identifier, invalid_identifier_key(rules));
  if (visit.connection) {
    // Which database it is, is told to nobody; the password page asks the same one.
    if (!kit_.flow.choose_database(visit, identifier)) return kit_.flow.busy(visit);
    visit.transaction.flow["realm"] = visit.connection->name;
    if (connections::PasswordlessConnection::begins_with_code(*visit.connection, identifier)) return send_code(visit, *visit.connection, identifier, form);
    return kit_.flow.go(visit, "/u/login/password");
  }
  if (const auto passwordless = passwordless_for(visit, identifier)) return send_code(visit, *passwordless, identifier, form);
  return show(visit, identifier, "no-hrd-connection");
}

http::Response LoginIdScreen::send_code(LoginVisit& visit, const model::Connection& connection, const std::string& identifier,
                                        const http::Parameters& form) const {
  if (const auto key = captcha_complaint(kit_, visit, AttackProtection::Guarded::passwordless, identifier, form); !key.empty())
    return show(visit, identifier, {}, key);
  visit.transaction.flow.erase("passwordless");
  return begin_passwordless(kit_, visit, connection, identifier);
}

}  // namespace gatehouse::login
