#include "login/screens/passkey_enrollment.h"

#include "connections/database/events.h"
#include "login/screens/declined.h"
#include "login/screens/passkey.h"

namespace gatehouse::login {
namespace {

using connections::Passkeys;

bool is_local(const LoginVisit& visit, const sign_in::Authenticated& who) {
  return who.has("phr") && visit.learnt("passkey") == "cross-platform";
}

}  // namespace

void PasskeyEnrollmentScreen::mount(http::Router& router) {
  for (const bool local : {false, true}) {
    kit_.flow.mount(
        router, std::string(kPath) + (local ? "-local" : ""), Phase::passkey_enrollment, http::Lane::store,
        [this, local](LoginVisit& visit) {
          if (is_local(visit, *visit.who) != local) return Flow::see_other(link_to(visit, std::string(kPath) + (local ? "" : "-local")));
          return show(visit, local);
        },
        [this, local](LoginVisit& visit, const http::Parameters& form) { return submit(visit, form, local); });
  }
  kit_.flow.mount(
      router, std::string(kPath) + "/options", Phase::passkey_enrollment, http::Lane::store,
      [](LoginVisit& visit) { return Flow::see_other(link_to(visit, kPath)); },
      [this](LoginVisit& visit, const http::Parameters&) { return ask(visit); });
}

Result<bool> PasskeyEnrollmentScreen::due(const LoginVisit& visit, const sign_in::Authenticated& who) const {
  if (visit.learnt("passkey_offer") == "done") return false;
  if (!visit.connection || visit.connection->name != who.connection() || !Passkeys::offered(*visit.tenant, *visit.connection)) return false;
  const auto wanted = visit.connection->passkeys();
  const bool local = is_local(visit, who);
  if (local ? !wanted.local_enrollment : !(wanted.progressive_enrollment && who.has("pwd"))) return false;
  if (kPasskeyOffer.by(who.user(), *visit.request)) return false;
  TRY(const auto there,
      kit_.parts.db.read([&](storage::Reader& reader) { return passkeys_.list(reader, visit.tenant->id, who.user().id); }));
  return local ? there.size() < connections::kMaxPasskeys : there.empty();
}

http::Response PasskeyEnrollmentScreen::show(const LoginVisit& visit, bool local, std::string_view alert) const {
  Page page{.template_name = "passkey-enrollment",
            .prompt = "passkeys",
            .screen = local ? "passkey-enrollment-local" : "passkey-enrollment",
            .status = alert.empty() ? 200 : 400,
            .alert_key = alert};
  page.failed = !alert.empty();
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  page.variables["benefits"] = passkey_benefits(visit, texts);
  page.variables["failed"] = page.failed;
  page.variables["form"] = form_of(visit, std::string(kPath) + (local ? "-local" : ""));
  page.variables["options"] = link_to(visit, std::string(kPath) + "/options");
  page.webauthn = true;
  return kit_.pages.render(visit, std::move(page));
}

http::Response PasskeyEnrollmentScreen::ask(LoginVisit& visit) const {
  const auto options = passkeys_.ask_new(*visit.tenant, Passkeys::Owner::of(visit.who->user()), visit.transaction.id);
  if (options) return webauthn_options(*options);
  if (options.error().code == Errc::invalid_argument) return http::Response::json(409, json::object{{"error", options.error().detail}});
  return kit_.flow.busy(visit);
}

http::Response PasskeyEnrollmentScreen::submit(LoginVisit& visit, const http::Parameters& form, bool local) const {
  const std::string_view action = form.get("action").value_or("");
  if (action == "abort") return declined(visit, form.get("doNotShowAgain") == "true");
  if (action != "continue") return show(visit, local);
  const std::string failure = local ? "error_passkey-enrollment-failure" : "passkey-enrollment-failure";
  const std::string full = local ? "error_passkey-enrollment-max-allowed-reached" : "passkey-enrollment-max-allowed-reached";
  const auto answer = webauthn_answer(form);
  if (!answer) return failed(visit, local, form.get("error").value_or("").substr(0, 64), failure);
  const auto made = passkeys_.check_new(*visit.tenant, visit.transaction.id, *answer);
  if (!made && made.error().code != Errc::invalid_argument) return kit_.flow.busy(visit);
  if (!made) return failed(visit, local, made.error().detail, failure);

  const model::User& user = visit.who->user();
  logs::Event event = logs::Event::from(*visit.request, "gd_enrollment_complete", "A passkey was created");
  connections::about(event, *visit.connection, visit.client.get());
  connections::about(event, user);
  event.details = json::object{{"authenticator", json::object{{"type", "passkey"}}}};
  const std::string id = passkeys_.make_id();
  const auto kept = kit_.parts.db.write([&](storage::Transaction& tx) -> Result<void> {
    TRY_VOID(passkeys_.keep(tx, *visit.tenant, user.id, visit.transaction.id, *made, id, event.user_agent));
    return kit_.parts.log.write(tx, event);
  });
  if (kept) return go_on(visit);
  if (kept.error().detail == "max_allowed_reached") return failed(visit, local, kept.error().detail, full);
  if (kept.error().code == Errc::invalid_argument || kept.error().code == Errc::unique_violation)
    return failed(visit, local, kept.error().detail, failure);
  return kit_.flow.busy(visit);
}

http::Response PasskeyEnrollmentScreen::failed(const LoginVisit& visit, bool local, std::string_view reason, std::string_view key) const {
  logs::Event event = logs::Event::from(*visit.request, "gd_webauthn_enrollment_failed", "The passkey could not be created");
  connections::about(event, *visit.connection, visit.client.get());
  connections::about(event, visit.who->user());
  event.details = json::object{{"authentication_methods", json::array{"passkey"}}, {"error", json::object{{"message", reason}}}};
  kit_.parts.log.enqueue(std::move(event));
  return show(visit, local, key);
}

http::Response PasskeyEnrollmentScreen::declined(LoginVisit& visit, bool for_long) const {
  const http::Cookie cookie = kPasskeyOffer.cookie(visit.who->user(), *visit.request, for_long);
  http::Response response = go_on(visit);
  response.set_cookie(cookie);
  return response;
}

http::Response PasskeyEnrollmentScreen::go_on(LoginVisit& visit) const {
  visit.transaction.flow["passkey_offer"] = "done";
  const sign_in::Authenticated who = *visit.who;
  return kit_.flow.finish(visit, kit_.flow.attempt(visit, who.user().known_as()), who);
}

}  // namespace gatehouse::login
