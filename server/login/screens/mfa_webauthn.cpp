#include "login/screens/mfa_webauthn.h"

#include "base/text.h"
#include "login/screens/declined.h"
#include "login/screens/passkey.h"

namespace gatehouse::login {
namespace {

namespace type = model::method_type;
using For = SecondFactor::For;

constexpr std::string_view kNickname = "mfa-webauthn-change-key-nickname", kSuccess = "mfa-webauthn-enrollment-success",
                           kError = "mfa-webauthn-error", kNotAvailable = "mfa-webauthn-not-available-error";
constexpr size_t kMaxNickname = 50;  // characters

}  // namespace

const MfaWebAuthnScreen::Kind MfaWebAuthnScreen::kinds[] = {{"roaming", type::kWebAuthnRoaming}, {"platform", type::kWebAuthnPlatform}};

std::string MfaWebAuthnScreen::screen(const Kind& kind, Act act) {
  return "mfa-webauthn-" + std::string(kind.name) + (act == Act::enrol ? "-enrollment" : "-challenge");
}

void MfaWebAuthnScreen::mount(http::Router& router) {
  for (const Kind& kind : kinds)
    for (const Act act : {Act::enrol, Act::use}) {
      const For where = act == Act::enrol ? For::enrolment : For::challenge;
      factors_.mount(
          router, screen(kind, act), where, [this, &kind, act](FactorVisit& visit) { return show(visit, kind, act); },
          [this, &kind, act](FactorVisit& visit, const http::Parameters& form) { return submit(visit, kind, act, form); });
      factors_.mount(
          router, screen(kind, act) + "/options", where,
          [&kind, act](FactorVisit& visit) { return Flow::see_other(SecondFactor::link(visit, screen(kind, act))); },
          [this, &kind, act](FactorVisit& visit, const http::Parameters&) { return ask(visit, kind, act); });
    }
  // A browser that cannot is not asked: on with the login.
  factors_.mount(router, "mfa-webauthn-platform-enrollment/skip", For::enrolment,
                 [this](FactorVisit& visit) { return decline(visit, false); }, {});
  factors_.mount(router, std::string(kError), For::both, [this](FactorVisit& visit) { return show_error(visit, true); }, {});
  factors_.mount(router, std::string(kNotAvailable), For::both, [this](FactorVisit& visit) { return show_error(visit, false); }, {});
  factors_.mount(
      router, std::string(kNickname), For::enrolment, [this](FactorVisit& visit) { return show_nickname(visit, "", ""); },
      [this](FactorVisit& visit, const http::Parameters& form) { return submit_nickname(visit, form); });
  factors_.mount(
      router, std::string(kSuccess), For::enrolment, [this](FactorVisit& visit) { return show_success(visit); },
      [this](FactorVisit& visit, const http::Parameters&) { return factors_.after(visit, ""); });
}

std::string MfaWebAuthnScreen::method(const FactorVisit& visit, const Kind& kind, Act act) {
  if (act == Act::enrol) {
    const std::string enrolling = visit.kept("enrolling");
    return enrolling.starts_with(std::string(kind.type) + "|") ? enrolling : std::string();
  }
  const model::AuthenticationMethod* chosen = visit.available.find(visit.kept("method"));
  if (!chosen || chosen->type != kind.type) chosen = visit.available.of_type(kind.type);
  return chosen ? chosen->id : std::string();
}

http::Response MfaWebAuthnScreen::show(FactorVisit& visit, const Kind& kind, Act act, std::string_view alert, int status) const {
  const bool offer = visit.kept("after") == screen(kind, act);  // device biometrics, after another factor: may be declined
  if (act == Act::use && method(visit, kind, act).empty()) return factors_.start(visit);
  if (visit.proved && !offer) return factors_.start(visit);
  Page page = factors_.page(visit, "webauthn", "mfa-webauthn", screen(kind, act));
  page.status = status;
  page.alert_key = alert;
  page.failed = status != 200;
  page.webauthn = true;
  json::object block{{"kind", act == Act::enrol ? "create" : "get"},
                     {"options", SecondFactor::link(visit, screen(kind, act) + "/options")},
                     {"platform", kind.type == type::kWebAuthnPlatform},
                     {"not_available", SecondFactor::link(visit, kNotAvailable)}};
  block["unavailable"] = offer ? SecondFactor::link(visit, screen(kind, act) + "/skip") : SecondFactor::link(visit, kNotAvailable);
  page.variables["ceremony"] = std::move(block);
  if (act == Act::enrol && kind.type == type::kWebAuthnRoaming) {
    const ScreenTexts texts = factors_.texts(visit, page);
    json::array steps;
    for (const char* key : {"instructions1", "instructions2", "instructions3"}) steps.emplace_back(texts.get(key, {}));
    page.variables["steps"] = std::move(steps);
  }
  page.variables["offer"] = offer;
  if (offer) page.variables["another"] = nullptr;
  page.variables["remember"] = act == Act::use && visit.place != FactorVisit::Place::enrollment;
  return factors_.render(visit, std::move(page));
}

http::Response MfaWebAuthnScreen::ask(FactorVisit& visit, const Kind& kind, Act act) const {
  const Kit& kit = factors_.kit();
  const mfa::Person person = factors_.person(visit);
  std::string id = method(visit, kind, act);
  if (act == Act::enrol && id.empty()) {
    auto begun = kit.parts.mfa.begin_enrolment(person, {.type = std::string(kind.type)});
    if (!begun && (begun.error().code == Errc::unique_violation || begun.error().code == Errc::invalid_argument))
      return http::Response::json(409, json::object{{"error", "not_possible"}});
    if (!begun) return kit.flow.busy(visit.visit);
    id = begun->method.id;
    visit.state["enrolling"] = id;
    if (!factors_.keep(visit)) return kit.flow.busy(visit.visit);
  }
  const auto challenge = kit.parts.mfa.challenge(person, id);
  if (challenge) return webauthn_options(challenge->options);
  if (challenge.error().code != Errc::not_found && challenge.error().code != Errc::invalid_argument) return kit.flow.busy(visit.visit);
  visit.state.erase("enrolling");  // forgotten meanwhile: the next attempt begins anew
  if (!factors_.keep(visit)) return kit.flow.busy(visit.visit);
  return http::Response::json(409, json::object{{"error", "not_possible"}});
}

http::Response MfaWebAuthnScreen::submit(FactorVisit& visit, const Kind& kind, Act act, const http::Parameters& form) const {
  const std::string_view action = form.get("action").value_or("");
  if (action == "snooze" || action == "refuse") return decline(visit, action == "refuse");
  const auto answer = webauthn_answer(form);
  if (!answer) return failed(visit, kind, act, form.get("error").value_or("").substr(0, 64));
  const mfa::Mfa& engine = factors_.kit().parts.mfa;
  const std::string id = method(visit, kind, act);
  if (id.empty()) return factors_.start(visit);
  const mfa::Person person = factors_.person(visit);
  auto verification = act == Act::enrol ? engine.verify(person, id, {.credential = *answer})
                                        : engine.verify_any(person, kind.type, {.credential = *answer});
  if (!verification) return factors_.kit().flow.busy(visit.visit);
  const bool platform = kind.type == type::kWebAuthnPlatform;
  if (!verification->right()) {
    const Complaint complaint = SecondFactor::complaint_of(verification->outcome);
    if (complaint.status == 403) return show(visit, kind, act, complaint.key, complaint.status);
    if (act == Act::enrol) return show(visit, kind, act, platform ? "webauthn-platform-associate-error" : "webauthn-associate-error", 400);
    if (complaint.status == 429) return show(visit, kind, act, "too-many-webauthn-challenge-attempts-error", 429);
    return show(visit, kind, act, platform ? "webauthn-platform-challenge-error" : "webauthn-challenge-error", 400);
  }
  return factors_.proved(visit, *verification, form.get("rememberBrowser").value_or("") == "true");
}

/// The browser or the person gave up.
http::Response MfaWebAuthnScreen::failed(FactorVisit& visit, const Kind& kind, Act act, std::string_view error) const {
  const mfa::Person person = factors_.person(visit);
  logs::Event event = person.event;
  event.type = act == Act::enrol ? "gd_webauthn_enrollment_failed" : "gd_webauthn_challenge_failed";
  event.description = "The authenticator did not answer";
  event.user = visit.user.id;
  event.user_name = visit.user.known_as();
  if (person.client) {
    event.client = person.client->id;
    event.client_name = person.client->name;
  }
  event.details = json::object{{"authentication_methods", json::array{kind.type}}, {"error", json::object{{"message", error}}}};
  factors_.kit().parts.log.enqueue(std::move(event));
  visit.state["failed"] = screen(kind, act);
  return factors_.go(visit, kError);
}

http::Response MfaWebAuthnScreen::decline(FactorVisit& visit, bool for_long) const {
  if (!visit.proved) return factors_.start(visit);
  const http::Cookie cookie = kBiometricsOffer.cookie(visit.user, *visit.visit.request, for_long);
  http::Response response = factors_.after(visit, "");
  response.set_cookie(cookie);
  return response;
}

http::Response MfaWebAuthnScreen::show_error(FactorVisit& visit, bool available) const {
  const std::string from = visit.kept("failed");
  const bool platform = from.find("platform") != std::string::npos;
  Page page = factors_.page(visit, "message", "mfa-webauthn", available ? kError : kNotAvailable);
  page.status = 400;
  page.failed = true;
  page.title_key = !available ? "errorTitle" : platform ? "errorTitlePlatformChallenge" : "errorTitleChallenge";
  page.description_key = !available ? "errorDescription" : platform ? "descriptionPlatform" : "description";
  page.variables["tone"] = "bad";
  const ScreenTexts texts = factors_.texts(visit, page);
  page.variables["form"] = nullptr;
  const std::string another =
      SecondFactor::link(visit, from.ends_with("-enrollment") || visit.enrolling() ? "mfa-begin-enroll-options" : "mfa-login-options");
  const bool has_another = page.variables.contains("another") || !available;
  if (available && !from.empty()) {
    page.variables["link"] = json::object{{"href", SecondFactor::link(visit, from)}, {"text", texts.get("tryAgainLinkText", {})}};
    if (has_another) page.variables["second_link"] = json::object{{"href", another}, {"text", texts.get("pickAuthenticatorText", {})}};
  } else {
    page.variables["link"] = json::object{{"href", another}, {"text", texts.get("pickAuthenticatorText", {})}};
  }
  return factors_.render(visit, std::move(page));
}

http::Response MfaWebAuthnScreen::show_nickname(FactorVisit& visit, std::string_view typed, std::string_view error) const {
  if (visit.kept("after") != kNickname) return factors_.start(visit);
  const bool platform = visit.kept("named").starts_with(type::kWebAuthnPlatform);
  Page page = factors_.page(visit, "webauthn-nickname", "mfa-webauthn", kNickname);
  page.failed = !error.empty();
  page.status = error.empty() ? 200 : 400;
  if (platform) page.description_key = "descriptionPlatform";
  const ScreenTexts texts = factors_.texts(visit, page);
  const std::string given = texts.get(platform ? "nicknamePlaceholderPlatform" : "nicknamePlaceholder", {});
  Field field{.name = "nickname",
              .label = texts.get(platform ? "nicknamePlatform" : "nickname", {}),
              .autocomplete = "off",
              .value = typed.empty() && error.empty() ? given : std::string(typed),
              .error = texts.get(error, {}),
              .autofocus = true,
              .maxlength = static_cast<int>(kMaxNickname)};
  page.variables["fields"] = json::array{field.to_json()};
  page.variables["another"] = nullptr;
  return factors_.render(visit, std::move(page));
}

http::Response MfaWebAuthnScreen::submit_nickname(FactorVisit& visit, const http::Parameters& form) const {
  if (visit.kept("after") != kNickname) return factors_.start(visit);
  const std::string typed(trim(form.get("nickname").value_or("")));
  if (typed.empty()) return show_nickname(visit, typed, "no-nickname");
  if (length_in_characters(typed) > kMaxNickname) return show_nickname(visit, typed.substr(0, 200), "nickname-too-long");
  const Kit& kit = factors_.kit();
  const model::AuthenticationMethodStore methods;
  const std::string id = visit.kept("named");
  const auto stored = kit.parts.db.write([&](storage::Transaction& tx) -> Result<void> {
    TRY(auto method, methods.find(tx, visit.visit.tenant->id, id, kit.parts.clock.now()));
    if (!method || method->user != visit.user.id) return {};
    method->name = typed;
    TRY_VOID(methods.update(tx, *method));
    return {};
  });
  if (!stored) return kit.flow.busy(visit.visit);
  return factors_.after(visit, kSuccess);
}

http::Response MfaWebAuthnScreen::show_success(FactorVisit& visit) const {
  if (visit.kept("after") != kSuccess) return factors_.start(visit);
  const bool platform = visit.kept("named").starts_with(type::kWebAuthnPlatform);
  Page page = factors_.page(visit, "webauthn-success", "mfa-webauthn", kSuccess);
  page.title_key = platform ? "titlePlatform" : "title";
  page.description_key = platform ? "descriptionPlatform" : "description";
  page.variables["tone"] = "good";
  return factors_.render(visit, std::move(page));
}

}  // namespace gatehouse::login
