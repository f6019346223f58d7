#include "login/screens/reset_password_request.h"

#include "login/captcha.h"

namespace gatehouse::login {
namespace {

constexpr std::string_view kSentTo = "reset_for";

}  // namespace

void ResetPasswordRequestScreen::mount(http::Router& router) {
  kit_.flow.mount(
      router, "/u/reset-password/request", Phase::authenticate, http::Lane::store,
      [this](LoginVisit& visit) {
        const std::string typed = visit.learnt("identifier");
        return show(visit, typed.empty() ? visit.asked("login_hint") : typed);
      },
      [this](LoginVisit& visit, const http::Parameters& form) {
        const std::string identifier(form.get("username").value_or(""));
        if (const auto key = captcha_complaint(kit_, visit, AttackProtection::Guarded::password_reset, {}, form); !key.empty())
          return show(visit, identifier, {}, key);
        return submit(visit, identifier);
      });
  kit_.flow.mount(
      router, "/u/reset-password/email", Phase::authenticate, http::Lane::store, [this](LoginVisit& visit) { return show_sent(visit); },
      [this](LoginVisit& visit, const http::Parameters&) { return submit(visit, visit.learnt(kSentTo)); });
}

http::Response ResetPasswordRequestScreen::show(const LoginVisit& visit, std::string identifier, std::string_view error,
                                                std::string_view alert) const {
  if (!visit.connection || visit.connection->disable_self_service_change_password()) return Flow::see_other(link_to(visit, "/u/login"));
  Page page{.template_name = "reset-password-request", .prompt = "reset-password", .screen = "reset-password-request", .alert_key = alert};
  page.status = alert == "too-many-requests" ? 429 : !alert.empty() ? 400 : !error.empty() ? 400 : 200;
  page.failed = page.status != 200;
  const std::string kinds = identifier_kinds(connections::IdentifierRules::of(*visit.connection));
  page.description_key = kinds == "email" ? "descriptionEmail" : kinds == "username" ? "descriptionUsername" : "usernameOrEmailDescription";
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  Field field = identifier_field(visit, texts, std::move(identifier), texts.get(error, {}));
  if (field.label.empty()) field.label = texts.get("usernamePlaceholder", {});
  field.autofocus = true;
  page.variables["fields"] = json::array{field.to_json()};
  page.variables["form"] = form_of(visit, "/u/reset-password/request");
  page.variables["links"] = login_links(visit);
  add_captcha(kit_, visit, AttackProtection::Guarded::password_reset, {}, page);
  return kit_.pages.render(visit, std::move(page));
}

http::Response ResetPasswordRequestScreen::submit(LoginVisit& visit, std::string identifier) const {
  if (!visit.connection) return Flow::see_other(link_to(visit, "/u/login"));
  if (identifier.empty()) return show(visit, identifier, missing_identifier_key(visit));
  if (!kit_.flow.choose_database(visit, identifier)) return kit_.flow.busy(visit);
  const std::string counted = connections::counted_identifier(std::nullopt, identifier);
  const auto verdict = kit_.parts.protection.password_change(visit.tenant->id, counted, visit.request->client_ip);
  if (!verdict) return kit_.flow.busy(visit);
  if (*verdict != attack_protection::AttackProtection::Verdict::allowed) return show(visit, std::move(identifier), {}, "too-many-requests");

  const logs::Event event = kit_.flow.attempt(visit, identifier).event;
  const auto sent = kit_.parts.database.request_password_change(*visit.tenant, *visit.connection, visit.client.get(), identifier, event);
  if (!sent) return kit_.flow.busy(visit);
  visit.transaction.flow[kSentTo] = identifier.substr(0, 320);
  return kit_.flow.go(visit, "/u/reset-password/email");
}

http::Response ResetPasswordRequestScreen::show_sent(const LoginVisit& visit) const {
  const std::string sent_to = visit.learnt(kSentTo);
  if (sent_to.empty()) return Flow::see_other(link_to(visit, "/u/reset-password/request"));
  Page page{.template_name = "message", .prompt = "reset-password", .screen = "reset-password-email"};
  page.placeholders["email"] = sent_to;
  page.description_key = sent_to.find('@') == std::string::npos ? "usernameDescription" : "emailDescription";
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  page.variables["tone"] = "mail";
  json::object form = form_of(visit, "/u/reset-password/email");
  form["button"] = texts.get("resendLinkText", {});
  page.variables["form"] = std::move(form);
  page.variables["second_link"] = json::object{{"href", login_links(visit).at("login")}, {"text", texts.get("backButtonText", {})}};
  return kit_.pages.render(visit, std::move(page));
}

}  // namespace gatehouse::login
