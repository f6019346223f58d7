#include "login/screens/login_password.h"

#include "login/captcha.h"

namespace gatehouse::login {

void LoginPasswordScreen::mount(http::Router& router) {
  kit_.flow.mount(
      router, "/u/login/password", Phase::authenticate, http::Lane::sign_in, [this](LoginVisit& visit) { return show(visit, {}); },
      [this](LoginVisit& visit, const http::Parameters& form) { return submit(visit, form); });
}

http::Response LoginPasswordScreen::show(const LoginVisit& visit, const Told& told) const {
  const std::string identifier = visit.learnt("identifier");
  if (identifier.empty() || !visit.connection) return Flow::see_other(link_to(visit, "/u/login/identifier"));
  Page page{.template_name = "login-password",
            .prompt = "login-password",
            .screen = "login-password",
            .status = told.status,
            .alert_key = told.alert};
  page.failed = told.status != 200;
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  Field password = password_field(texts, texts.get(told.password_error, {}));
  password.autofocus = true;
  if (!told.alert.empty()) password.describedby = "alert";
  page.variables["fields"] = json::array{password.to_json()};
  page.variables["identifier"] = identifier;
  add_captcha(kit_, visit, AttackProtection::Guarded::password, identifier, page);
  page.variables["form"] = form_of(visit, "/u/login/password");
  json::object links = login_links(visit);
  links.erase("signup");
  page.variables["links"] = std::move(links);
  return kit_.pages.render(visit, std::move(page));
}

http::Response LoginPasswordScreen::submit(LoginVisit& visit, const http::Parameters& form) const {
  const std::string identifier = visit.learnt("identifier");
  const std::string_view password = form.get("password").value_or("");
  if (identifier.empty() || !visit.connection) return Flow::see_other(link_to(visit, "/u/login/identifier"));
  if (password.empty()) return show(visit, {.password_error = "no-password", .status = 400});
  if (const auto key = captcha_complaint(kit_, visit, AttackProtection::Guarded::password, identifier, form); !key.empty())
    return show(visit, {.alert = key, .status = 400});
  const sign_in::Attempt attempt = kit_.flow.attempt(visit, identifier);
  const auto who = kit_.parts.sign_in.with_password(attempt, password);
  if (who) return kit_.flow.finish(visit, attempt, *who);
  std::string key;
  const Complaint complaint = complaint_of(who.error(), connections::IdentifierRules::of(*visit.connection), key);
  if (complaint.status == 503) return kit_.flow.busy(visit);
  return show(visit, {.alert = complaint.key, .status = complaint.status});
}

}  // namespace gatehouse::login
