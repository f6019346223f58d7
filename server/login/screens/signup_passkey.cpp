#include "login/screens/signup_passkey.h"

#include "connections/database/events.h"
#include "login/captcha.h"
#include "login/screens/passkey.h"
#include "login/ways.h"

namespace gatehouse::login {
namespace {

constexpr std::string_view kPath = "/u/signup/passkey";

/// Whether there is anything to do here: the connection has passkeys, and signup-id has asked.
bool is_due(const LoginVisit& visit) { return may_sign_up(visit) && offers_passkeys(visit) && visit.transaction.flow.contains("signup"); }

bool passwords_too(const LoginVisit& visit) {
  const json::object* methods = get_object(visit.connection->options, "authentication_methods");
  const json::object* password = methods ? get_object(*methods, "password") : nullptr;
  return !password || get_string(*password, "signup_behavior").value_or("allow") != "block";
}

}  // namespace

void SignupPasskeyScreen::mount(http::Router& router) {
  kit_.flow.mount(
      router, std::string(kPath), Phase::authenticate, http::Lane::store,
      [this](LoginVisit& visit) { return is_due(visit) ? show(visit) : Flow::see_other(link_to(visit, "/u/signup")); },
      [this](LoginVisit& visit, const http::Parameters& form) { return submit(visit, form); });
  kit_.flow.mount(
      router, std::string(kPath) + "/options", Phase::authenticate, http::Lane::store,
      [](LoginVisit& visit) { return Flow::see_other(link_to(visit, kPath)); },
      [this](LoginVisit& visit, const http::Parameters&) { return ask(visit); });
}

http::Response SignupPasskeyScreen::show(const LoginVisit& visit, std::string_view alert, int status) const {
  Page page{
      .template_name = "passkey-enrollment", .prompt = "passkeys", .screen = "passkey-enrollment", .status = status, .alert_key = alert};
  page.failed = status != 200;
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  page.variables["benefits"] = passkey_benefits(visit, texts);
  page.variables["failed"] = page.failed;
  page.variables["form"] = form_of(visit, kPath);
  page.variables["options"] = link_to(visit, std::string(kPath) + "/options");
  page.variables["back"] = link_to(visit, "/u/signup/identifier");
  if (passwords_too(visit)) page.variables["password"] = true;
  page.webauthn = true;
  add_captcha(kit_, visit, AttackProtection::Guarded::password, {}, page);
  return kit_.pages.render(visit, std::move(page));
}

connections::DatabaseResult<model::User> SignupPasskeyScreen::user(const LoginVisit& visit, std::string_view own_id) const {
  const SignUpForm told = SignUpForm::of(visit);
  connections::SignUp request;
  if (!told.email.empty()) request.email = told.email;
  if (!told.username.empty()) request.username = told.username;
  if (!told.phone.empty()) request.phone_number = connections::tidy_phone(told.phone).value_or(told.phone);
  return kit_.parts.database.check_sign_up(*visit.tenant, *visit.connection, visit.client.get(), request, own_id);
}

http::Response SignupPasskeyScreen::ask(LoginVisit& visit) const {
  if (!is_due(visit)) return http::Response::json(404, json::object{{"error", "not_found"}});
  // Whether somebody has an account can be seen here: as often as by signing up.
  const auto verdict = kit_.parts.protection.sign_up(visit.tenant->id, visit.request->client_ip);
  if (!verdict) return kit_.flow.busy(visit);
  if (*verdict != AttackProtection::Verdict::allowed) return http::Response::json(429, json::object{{"error", "too_many_requests"}});
  const std::string own_id = kit_.parts.random.hex(24);
  const auto made = user(visit, own_id);
  // Whatever is wrong is told by submit(), on the page.
  if (!made) return http::Response::json(409, json::object{{"error", "not_possible"}});
  const auto options =
      passkeys_.ask_new(*visit.tenant, connections::Passkeys::Owner::of(*made), visit.transaction.id, {{"own_id", own_id}});
  return options ? webauthn_options(*options) : kit_.flow.busy(visit);
}

http::Response SignupPasskeyScreen::submit(LoginVisit& visit, const http::Parameters& form) const {
  if (!is_due(visit)) return Flow::see_other(link_to(visit, "/u/signup"));
  const std::string_view action = form.get("action").value_or("");
  if (action == "password" && passwords_too(visit)) return Flow::see_other(link_to(visit, "/u/signup/password"));
  if (const auto key = captcha_complaint(kit_, visit, AttackProtection::Guarded::password, {}, form); !key.empty())
    return show(visit, key, 400);
  const auto verdict = kit_.parts.protection.sign_up(visit.tenant->id, visit.request->client_ip);
  if (!verdict) return kit_.flow.busy(visit);
  if (*verdict != AttackProtection::Verdict::allowed) return show(visit, "passkey-enrollment-failure", 429);

  const auto answer = webauthn_answer(form);
  const auto made = answer ? passkeys_.check_new(*visit.tenant, visit.transaction.id, *answer)
                           : Result<connections::Passkeys::Made>(Error{Errc::invalid_argument, "", "no answer"});
  if (!made && made.error().code != Errc::invalid_argument) return kit_.flow.busy(visit);
  const auto wanted = user(visit, made ? get_string(made->data, "own_id").value_or("") : "0");
  if (!wanted && wanted.error().code == connections::DatabaseErrc::failed) return kit_.flow.busy(visit);
  if (!wanted && wanted.error().code == connections::DatabaseErrc::user_exists) return show(visit, "email-in-use", 400);
  if (!wanted) return Flow::see_other(link_to(visit, "/u/signup/identifier"));
  if (!made) return show(visit, "passkey-enrollment-failure", 400);

  sign_in::Attempt attempt = kit_.flow.attempt(visit, wanted->known_as());
  logs::Event event = attempt.event;
  event.details = json::object{{"authentication_methods", json::array{"passkey"}}};
  const std::string method = passkeys_.make_id();
  const auto created = kit_.parts.database.sign_up_without_password(
      *visit.tenant, *visit.connection, visit.client.get(), *wanted,
      [&](storage::Transaction& tx, const model::User& fresh) -> Result<void> {
        TRY_VOID(passkeys_.keep(tx, *visit.tenant, fresh.id, visit.transaction.id, *made, method, event.user_agent));
        return {};
      },
      event);
  if (!created) {
    if (created.error().code == connections::DatabaseErrc::user_exists) return show(visit, "email-in-use", 400);
    return created.error().cause.code == Errc::invalid_argument ? show(visit, "passkey-enrollment-failure", 400) : kit_.flow.busy(visit);
  }
  visit.transaction.flow["signed_up"] = true;
  const auto who = kit_.parts.sign_in.after_sign_up(attempt, *created, "phr");
  return who ? kit_.flow.finish(visit, attempt, *who) : kit_.flow.busy(visit);
}

}  // namespace gatehouse::login
