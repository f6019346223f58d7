#include "login/screens/login.h"

namespace gatehouse::login {

void LoginScreen::mount(http::Router& router) {
  kit_.flow.mount(
      router, "/u/login", Phase::authenticate, http::Lane::sign_in,
      [this](LoginVisit& visit) {
        if (visit.tenant->identifier_first()) return Flow::see_other(link_to(visit, "/u/login/identifier"));
        return show(visit, {.identifier = visit.asked("login_hint")});
      },
      [this](LoginVisit& visit, const http::Parameters& form) { return submit(visit, form); });
}

http::Response LoginScreen::show(const LoginVisit& visit, const Told& told) const {
  Page page{.template_name = "login", .prompt = "login", .screen = "login", .status = told.status, .alert_key = told.alert};
  page.failed = told.status != 200;
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  Field identifier = identifier_field(visit, texts, told.identifier, texts.get(told.identifier_error, {}));
  Field password = password_field(texts, texts.get(told.password_error, {}));
  // The cursor waits where the next word is due: after a wrong password, in the password.
  const bool knows_identifier = !told.identifier.empty() && told.identifier_error.empty();
  identifier.autofocus = !knows_identifier;
  password.autofocus = knows_identifier;
  if (!told.alert.empty()) password.describedby = "alert";
  page.variables["fields"] = json::array{identifier.to_json(), password.to_json()};
  page.variables["form"] = form_of(visit, "/u/login");
  page.variables["links"] = login_links(visit);
  return kit_.pages.render(visit, std::move(page));
}

http::Response LoginScreen::submit(LoginVisit& visit, const http::Parameters& form) const {
  Told told{.identifier = std::string(form.get("username").value_or("")), .status = 400};
  const std::string_view password = form.get("password").value_or("");
  if (told.identifier.empty()) told.identifier_error = missing_identifier_key(visit);
  if (password.empty()) told.password_error = "no-password";
  if (told.identifier.empty() || password.empty()) return show(visit, told);

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
