#include "login/screens/second_factor.h"

#include "base/encoding.h"
#include "crypto/crypto.h"
#include "login/screens/declined.h"
#include "model/sessions/session_store.h"
#include "webauthn/webauthn.h"

namespace gatehouse::login {
namespace {

namespace type = model::method_type;
using Place = FactorVisit::Place;

constexpr std::string_view kEnrollmentTicket = "mfa_enrollment", kResetTicket = "change_password";

std::string_view parameter_of(Place place) { return place == Place::login ? "state" : "ticket"; }

std::string path_of(Place place, std::string_view name) {
  const char* const folder = place == Place::login ? "/u/" : place == Place::reset ? "/u/reset-password/" : "/u/enrollment/";
  return folder + std::string(name);
}

/// What stands in a ticket for "this browser has shown a second factor".
std::string browser_digest(const Visit& visit) {
  return hex_encode(crypto::sha256("second factor\n" + visit.binding + "\n" + visit.browser));
}

/// reset-password-<screen>, where there is such a screen.
const std::string* reset_screen(std::string_view screen) {
  static const std::set<std::string, std::less<>> all = [] {
    std::set<std::string, std::less<>> names;
    for (const auto& [name, texts] : Catalogue::find("en")->texts().at("reset-password").as_object()) names.emplace(name);
    return names;
  }();
  const auto found = all.find("reset-password-" + std::string(screen));
  return found == all.end() ? nullptr : &*found;
}

bool contains(const std::vector<std::string>& list, std::string_view one) { return std::ranges::find(list, one) != list.end(); }

}  // namespace

// --- where pages stand

void SecondFactor::mount(http::Router& router, const std::string& name, For what, Show show, Submit submit, std::source_location where) {
  mounted_.insert(name);
  const auto acting = [submit](const http::Parameters& form) {
    return [&form, submit](FactorVisit& visit) { return submit(visit, form); };
  };
  kit_.flow.mount(
      router, path_of(Place::login, name), Phase::second_factor, http::Lane::store,
      [this, show](LoginVisit& visit) { return enter(visit, show); },
      submit ? Flow::Submit([this, acting](LoginVisit& visit, const http::Parameters& form) { return enter(visit, acting(form)); })
             : Flow::Submit{},
      where);
  for (const Place place : {Place::reset, Place::enrollment}) {
    if (what == (place == Place::reset ? For::enrolment : For::challenge)) continue;
    kit_.flow.mount_ticket(
        router, path_of(place, name), place == Place::reset ? kResetTicket : kEnrollmentTicket, http::Lane::store,
        [this, place, show](TicketVisit& visit) { return enter(visit, place, show); },
        submit ? Flow::SubmitTicket(
                     [this, place, acting](TicketVisit& visit, const http::Parameters& form) { return enter(visit, place, acting(form)); })
               : Flow::SubmitTicket{},
        where);
  }
}

void SecondFactor::mount(http::Router& router) {
  mount(router, "mfa", For::both, [this](FactorVisit& visit) { return start(visit); }, {});
  mount(
      router, "mfa-login-options", For::challenge, [this](FactorVisit& visit) { return show_options(visit); },
      [this](FactorVisit& visit, const http::Parameters& form) { return choose_option(visit, form); });
  mount(
      router, "mfa-begin-enroll-options", For::enrolment, [this](FactorVisit& visit) { return show_enrolments(visit); },
      [this](FactorVisit& visit, const http::Parameters& form) { return choose_enrolment(visit, form); });
  kit_.flow.mount(router, "/u/mfa/back", Phase::second_factor, http::Lane::store, [this](LoginVisit& visit) { return start_again(visit); },
                  {});
  // The link of the mail, and of the ticket's URL.
  kit_.flow.mount_ticket(
      router, "/u/mfa-enrollment", kEnrollmentTicket, http::Lane::store,
      [this](TicketVisit& visit) { return enter(visit, Place::enrollment, [this](FactorVisit& entered) { return start(entered); }); }, {});
}

http::Response SecondFactor::enter(LoginVisit& visit, const std::function<http::Response(FactorVisit&)>& act) const {
  const model::User user = visit.who->user();
  auto settings = kit_.parts.mfa.settings(visit.tenant->id);
  auto available = kit_.parts.mfa.available(*visit.tenant, user);
  if (!settings || !available) return kit_.flow.busy(visit);
  FactorVisit entered{.place = Place::login,
                      .visit = visit,
                      .login = &visit,
                      .user = user,
                      .settings = std::move(*settings),
                      .available = std::move(*available),
                      .proved = visit.who->has("mfa")};
  if (const json::object* state = get_object(visit.transaction.flow, "mfa")) entered.state = *state;
  if (entered.proved && !get_bool(entered.state, "recovery").value_or(false) && entered.kept("after").empty()) return finish(entered);
  return act(entered);
}

http::Response SecondFactor::enter(TicketVisit& visit, Place place, const std::function<http::Response(FactorVisit&)>& act) const {
  using State = model::TicketStore::State;
  const bool enrolling = place == Place::enrollment;
  if (visit.found.state != State::valid || !visit.user || visit.user->blocked) {
    if (!enrolling) return Flow::see_other("/u/reset-verify?ticket=" + http::percent_encode(visit.binding));
    switch (visit.found.state) {
      case State::expired:
        return show_result(visit, "expiredTicketTitle", "expiredTicketDescription", false);
      case State::used:
        return show_result(visit, "alreadyUsedTitle", "alreadyUsedDescription", false);
      case State::valid:
      case State::unknown:
        break;
    }
    return show_result(visit, "invalidTicketTitle", "invalidTicketDescription", false);
  }
  const model::User user = *visit.user;
  auto settings = kit_.parts.mfa.settings(visit.tenant->id);
  auto available = kit_.parts.mfa.available(*visit.tenant, user);
  if (!settings || !available) return kit_.flow.busy(visit);
  json::object& data = visit.found.ticket->data;
  FactorVisit entered{
      .place = place, .visit = visit, .ticket = &visit, .user = user, .settings = std::move(*settings), .available = std::move(*available)};
  if (const json::object* state = get_object(data, "mfa")) entered.state = *state;
  const bool shown = get_string(data, "mfa_shown") == browser_digest(visit);
  entered.proved = enrolling ? get_bool(data, "allow_multiple_enrollments").value_or(false) || shown : shown;
  if (shown && !get_bool(entered.state, "recovery").value_or(false) && entered.kept("after").empty()) return finish(entered);
  if (enrolling && entered.available.enrolled && !entered.proved)
    return show_result(visit, "enrolledTitle", "alreadyEnrolledDescription", true);
  return act(entered);
}

std::optional<http::Response> SecondFactor::before_reset(TicketVisit& visit) const {
  if (visit.found.state != model::TicketStore::State::valid || !visit.user) return std::nullopt;
  if (get_string(visit.found.ticket->data, "mfa_shown") == browser_digest(visit)) return std::nullopt;
  const auto untrusted = kit_.parts.protection.is_untrusted(visit.tenant->id, visit.request->client_ip);
  if (!untrusted) return kit_.flow.busy(visit);
  const auto due = kit_.parts.mfa.due({.tenant = *visit.tenant,
                                       .client = visit.client.get(),
                                       .user = *visit.user,
                                       .untrusted_address = *untrusted,
                                       .remembered_browser = visit.request->cookie(model::kRememberedBrowserCookie).value_or(""),
                                       .ip = visit.request->client_ip,
                                       .user_agent = visit.request->header("user-agent").value_or("")});
  if (!due) return kit_.flow.busy(visit);
  if (*due != mfa::Due::challenge) return std::nullopt;  // who has no factor yet enrols one at the next login
  http::Response response = Flow::see_other(path_of(Place::reset, "mfa") + "?ticket=" + http::percent_encode(visit.binding));
  if (visit.new_browser) response.set_cookie({.name = std::string(model::kBrowserCookie), .value = visit.browser});
  return response;
}

mfa::Person SecondFactor::person(const FactorVisit& visit) const {
  mfa::Person person{.tenant = *visit.visit.tenant,
                     .user = visit.user,
                     .client = visit.visit.client.get(),
                     .login = visit.login ? visit.login->transaction.id : hex_encode(crypto::sha256(visit.visit.binding)),
                     .event = logs::Event::from(*visit.visit.request, "", ""),
                     .language = visit.visit.catalogue->locale(),
                     .proved = visit.proved};
  if (visit.login && visit.login->connection) {
    person.event.connection = visit.login->connection->name;
    person.event.connection_id = visit.login->connection->id.str();
    person.event.strategy = person.event.strategy_type = visit.login->connection->strategy;
  }
  return person;
}

std::string SecondFactor::link(const FactorVisit& visit, std::string_view name) {
  return path_of(visit.place, name) + "?" + std::string(parameter_of(visit.place)) + "=" + http::percent_encode(visit.visit.binding);
}

Result<void> SecondFactor::keep(FactorVisit& visit) const {
  if (visit.login) {
    visit.login->transaction.flow["mfa"] = visit.state;
    return kit_.parts.db.write_unsynced(
        [&](storage::Transaction& tx) { return kit_.parts.transactions.update(tx, visit.login->transaction); });
  }
  json::object& data = visit.ticket->found.ticket->data;
  data["mfa"] = visit.state;
  return kit_.parts.db.write_unsynced(
      [&](storage::Transaction& tx) { return kit_.parts.tickets.keep(tx, visit.visit.tenant->id, visit.visit.binding, data); });
}

http::Response SecondFactor::go(FactorVisit& visit, std::string_view name) const {
  if (!keep(visit)) return kit_.flow.busy(visit.visit);
  http::Response response = Flow::see_other(link(visit, name));
  if (visit.visit.new_browser) response.set_cookie({.name = std::string(model::kBrowserCookie), .value = visit.visit.browser});
  return response;
}

// --- what is due

std::string SecondFactor::challenge_page(const FactorVisit& visit, std::string_view of, bool voice) const {
  if (of == type::kTotp) return "mfa-otp-challenge";
  if (of == type::kPhone) return voice || !visit.settings.text_messages ? "mfa-voice-challenge" : "mfa-sms-challenge";
  return "mfa-" + std::string(of) + "-challenge";
}

std::string SecondFactor::enrolment_page(const FactorVisit& visit, std::string_view of) const {
  if (of == type::kTotp) return "mfa-otp-enrollment-qr";
  if (of == type::kPhone)
    return !visit.settings.calls ? "mfa-sms-enrollment" : visit.settings.text_messages ? "mfa-phone-enrollment" : "mfa-voice-enrollment";
  if (of == type::kEmail) return "mfa-email-challenge";
  return "mfa-" + std::string(of) + "-enrollment";
}

std::vector<std::string> SecondFactor::challengeable(const FactorVisit& visit) const {
  std::vector<std::string> types;
  for (const model::AuthenticationMethod& method : visit.available.methods)
    if (!contains(types, method.type) && is_mounted(challenge_page(visit, method.type, false))) types.push_back(method.type);
  return types;
}

std::vector<std::string> SecondFactor::enrollable(const FactorVisit& visit) const {
  std::vector<std::string> types;
  for (const std::string& one : visit.available.enrollable)
    if (is_mounted(enrolment_page(visit, one))) types.push_back(one);
  if (visit.place != Place::enrollment) return types;
  const std::string factor(get_string(visit.ticket->found.ticket->data, "factor").value_or(""));
  if (factor.empty()) return types;
  const std::string wanted = factor == "otp" ? std::string(type::kTotp) : factor;
  std::erase_if(types, [&](const std::string& one) { return one != wanted; });
  return types;
}

http::Response SecondFactor::start(FactorVisit& visit) const {
  const bool recovery = get_bool(visit.state, "recovery").value_or(false);
  if (visit.proved && !visit.kept("after").empty()) return go(visit, visit.kept("after"));
  if (visit.proved && recovery) return go(visit, "mfa-recovery-code-enrollment");
  const std::vector<std::string> can_enrol = enrollable(visit);
  const bool better =
      std::ranges::any_of(can_enrol, [&](const std::string& one) { return kit_.parts.mfa.factor_of_type(one)->is_independent(); });
  // A mailbox is asked for where nothing better can be enrolled; a factor that was enrolled, always (mfa/policy.cpp).
  const bool enrol = visit.place == Place::enrollment || (visit.place == Place::login && !visit.available.enrolled && better);
  if (!enrol) {
    // The one under way is not sent again by coming back here.
    if (const model::AuthenticationMethod* under_way = visit.available.find(visit.kept("method")))
      return go(visit, challenge_page(visit, under_way->type, get_bool(visit.state, "voice").value_or(false)));
    for (const model::AuthenticationMethod& method : visit.available.methods)
      if (is_mounted(challenge_page(visit, method.type, false))) return open(visit, method);
  }
  if (visit.place == Place::reset) return show_unavailable(visit);
  if (can_enrol.size() == 1) return begin(visit, can_enrol.front());
  if (!can_enrol.empty()) return go(visit, "mfa-begin-enroll-options");
  return show_unavailable(visit);
}

http::Response SecondFactor::open(FactorVisit& visit, const model::AuthenticationMethod& method, bool voice) const {
  const bool phone = method.type == type::kPhone;
  if (phone && !voice) voice = get_string(method.data, "preferred_authentication_method").value_or("") == "voice" && visit.settings.calls;
  auto challenge = kit_.parts.mfa.challenge(person(visit), method.id, voice);
  if (!challenge) return kit_.flow.busy(visit.visit);
  visit.state = json::object{{"method", method.id}};
  if (voice) visit.state["voice"] = true;
  if (!challenge->state.empty()) visit.state["challenge"] = challenge->state;
  if (!challenge->options.empty()) visit.state["options"] = challenge->options;
  if (challenge->sent_too_many)
    visit.state["notice"] = method.type == type::kEmail ? "too-many-email" : voice ? "too-many-voice" : "too-many-sms";
  return go(visit, challenge_page(visit, method.type, voice));
}

http::Response SecondFactor::begin(FactorVisit& visit, std::string_view of) const {
  visit.state = json::object{};
  if (of != type::kEmail) return go(visit, enrolment_page(visit, of));
  auto enrolment = kit_.parts.mfa.begin_enrolment(person(visit), {.type = std::string(of)});
  if (!enrolment && enrolment.error().code == Errc::overloaded) {
    visit.state["notice"] = "too-many-email";
    return go(visit, "mfa-begin-enroll-options");
  }
  if (!enrolment) return kit_.flow.busy(visit.visit);
  visit.state["enrolling"] = enrolment->method.id;
  return go(visit, enrolment_page(visit, of));
}

Complaint SecondFactor::complaint_of(mfa::Outcome outcome) {
  switch (outcome) {
    case mfa::Outcome::expired:
      return {"no-transaction-in-progress", 400};
    case mfa::Outcome::too_many:
      return {"too-many-failures", 429};
    case mfa::Outcome::forbidden:
      return {"user-already-enrolled", 403};
    case mfa::Outcome::right:
    case mfa::Outcome::wrong:
      break;
  }
  return {"invalid-code", 400};
}

http::Response SecondFactor::proved(FactorVisit& visit, const mfa::Mfa::Verification& verification, bool remember) const {
  auto recovery = kit_.parts.mfa.recovery_code_due(*visit.visit.tenant, visit.user.id);
  if (!recovery) return kit_.flow.busy(visit.visit);
  std::optional<SecretString> cookie;
  if (remember) {
    auto made = kit_.parts.mfa.remember_browser(person(visit), *verification.proof);
    if (!made) return kit_.flow.busy(visit.visit);
    cookie = std::move(*made);
  }
  const bool replaced = !verification.new_recovery_code.empty();
  const bool show_code = replaced || (*recovery && visit.place != Place::reset);
  visit.proved = true;
  visit.state = json::object{};
  if (show_code) visit.state["recovery"] = true;
  if (verification.confirmed_enrolment && verification.proof->type().starts_with("webauthn-")) {
    visit.state["after"] = "mfa-webauthn-change-key-nickname";
    visit.state["named"] = verification.proof->method();
  } else if (!show_code && offers_biometrics(visit, verification.proof->type())) {
    visit.state["after"] = "mfa-webauthn-platform-enrollment";
  }
  if (visit.login) {
    LoginVisit& login = *visit.login;
    auto who = kit_.parts.sign_in.with_second_factor(kit_.flow.attempt(login, ""), *login.who, *verification.proof);
    if (!who) return kit_.flow.busy(login);
    login.who = *who;
    login.transaction.flow["mfa"] = visit.state;
    const auto kept = kit_.parts.db.write_unsynced([&](storage::Transaction& tx) -> Result<void> {
      TRY(json::object suspended, kit_.parts.sign_in.suspend(tx, *login.who));
      login.transaction.flow["who"] = std::move(suspended);
      return kit_.parts.transactions.update(tx, login.transaction);
    });
    if (!kept) return kit_.flow.busy(login);
  } else {
    visit.ticket->found.ticket->data["mfa_shown"] = browser_digest(visit.visit);
    if (!keep(visit)) return kit_.flow.busy(visit.visit);
  }
  const std::string next = visit.kept("after");
  http::Response response =
      !next.empty() ? Flow::see_other(link(visit, next))
      : show_code   ? Flow::see_other(link(visit, replaced ? "mfa-recovery-code-challenge-new-code" : "mfa-recovery-code-enrollment"))
                    : finish(visit);
  if (cookie)
    response.set_cookie({.name = std::string(model::kRememberedBrowserCookie),
                         .value = std::string(cookie->reveal()),
                         .same_site = http::Cookie::SameSite::none,  // silent login from an application's iframe needs it
                         .max_age_seconds = std::chrono::duration_cast<seconds>(model::kRememberedBrowserLifetime).count()});
  return response;
}

bool SecondFactor::offers_biometrics(const FactorVisit& visit, std::string_view shown_type) {
  return visit.place == Place::login && shown_type != type::kWebAuthnPlatform && visit.settings.is_on("webauthn-platform") &&
         !visit.available.of_type(type::kWebAuthnPlatform) && webauthn::RelyingParty::of(visit.visit.tenant->issuer) &&
         !kBiometricsOffer.by(visit.user, *visit.visit.request);
}

http::Response SecondFactor::after(FactorVisit& visit, std::string_view next) const {
  if (!visit.proved) return start(visit);
  if (next.empty()) {
    for (const char* key : {"after", "named", "enrolling", "failed"}) visit.state.erase(key);
    if (!keep(visit)) return kit_.flow.busy(visit.visit);
    return get_bool(visit.state, "recovery").value_or(false) ? start(visit) : finish(visit);
  }
  visit.state["after"] = next;
  return go(visit, next);
}

http::Response SecondFactor::start_again(LoginVisit& visit) const {
  visit.transaction.step = "login";
  for (const std::string_view name : {"who", "mfa"}) visit.transaction.flow.erase(name);
  return kit_.flow.go(visit, "/u/login");
}

http::Response SecondFactor::finish(FactorVisit& visit) const {
  switch (visit.place) {
    case Place::login:
      return kit_.flow.finish(*visit.login, kit_.flow.attempt(*visit.login, ""), *visit.login->who);
    case Place::reset:
      return Flow::see_other("/u/reset-verify?ticket=" + http::percent_encode(visit.visit.binding));
    case Place::enrollment:
      break;
  }
  const auto used = kit_.parts.db.write([&](storage::Transaction& tx) {
    return kit_.parts.tickets.consume(tx, visit.visit.tenant->id, kEnrollmentTicket, visit.visit.binding, kit_.parts.clock.now());
  });
  if (!used) return kit_.flow.busy(visit.visit);
  return show_result(*visit.ticket, "enrolledTitle", "enrolledDescription", true);
}

// --- pages

Page SecondFactor::page(const FactorVisit& visit, std::string_view template_name, std::string_view prompt, std::string_view screen) const {
  if (const auto mounted = mounted_.find(screen); mounted != mounted_.end()) screen = *mounted;  // the page outlives the caller's text
  // A challenge before a new password has texts of its own.
  const std::string* of_reset = visit.place == Place::reset ? reset_screen(screen) : nullptr;
  Page page{.template_name = template_name, .prompt = of_reset ? "reset-password" : prompt, .screen = of_reset ? *of_reset : screen};
  page.variables["form"] = form_of(visit.visit, path_of(visit.place, screen), parameter_of(visit.place));
  const bool enrolling = visit.enrolling() || screen.find("enrollment") != std::string_view::npos;
  if (enrolling ? enrollable(visit).size() > 1 : visit.available.methods.size() > 1)
    page.variables["another"] = link(visit, enrolling ? "mfa-begin-enroll-options" : "mfa-login-options");
  if (visit.place == Place::login && !visit.proved) page.variables["restart"] = link(visit, "mfa/back");
  return page;
}

http::Response SecondFactor::render(const FactorVisit& visit, Page page) const {
  page.variables["signed_in_as"] = visit.user.known_as();
  http::Response response = kit_.pages.render(visit.visit, std::move(page));
  return response;
}

}  // namespace gatehouse::login
