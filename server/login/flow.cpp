#include "login/flow.h"

#include "base/text.h"
#include "connections/database/identifiers.h"
#include "login/error_page.h"
#include "login/ways.h"

namespace gatehouse::login {
namespace {

/// acr_values is a list in order of preference (OpenID Connect Core §3.1.2.1).
bool asks_for_second_factor(std::string_view acr_values) {
  for (const std::string_view value : split(acr_values, ' '))
    if (value == model::kMultiFactorAcr) return true;
  return false;
}

bool is_form(const http::Request& request) { return request.content_type() == "application/x-www-form-urlencoded"; }

}  // namespace

std::string LoginVisit::asked(std::string_view parameter) const {
  return std::string(get_string(transaction.request, parameter).value_or(""));
}
std::string LoginVisit::learnt(std::string_view key) const { return std::string(get_string(transaction.flow, key).value_or("")); }

namespace {

struct StepOfPhase {
  std::string_view step;
  Phase phase;
};
constexpr StepOfPhase kSteps[] = {
    {"verify-email", Phase::verify_email}, {"mfa", Phase::second_factor}, {"passkeys", Phase::passkey_enrollment},
    {"consent", Phase::consent},           {"logout", Phase::logout},     {"resume", Phase::resume},
};

std::string_view step_of(Phase phase) {
  for (const StepOfPhase& entry : kSteps)
    if (entry.phase == phase) return entry.step;
  return "login";
}

}  // namespace

Phase phase_of(const model::LoginTransaction& transaction) {
  for (const StepOfPhase& entry : kSteps)
    if (entry.step == transaction.step) return entry.phase;
  return Phase::authenticate;
}

const Interruption* Flow::interruption(Phase phase) const {
  for (const Interruption& known : interruptions_)
    if (known.phase == phase) return &known;
  return nullptr;
}

std::string Flow::due(const LoginVisit& visit) const {
  const Phase phase = phase_of(visit.transaction);
  switch (phase) {
    case Phase::verify_email:
    case Phase::second_factor:
    case Phase::passkey_enrollment:
      if (const Interruption* waiting = interruption(phase)) return link_to(visit, waiting->path);
      break;
    case Phase::resume:
      return link_to(visit, "/authorize/resume");
    case Phase::consent:
      return link_to(visit, "/u/consent");
    case Phase::logout:
      return link_to(visit, "/u/logout");
    case Phase::authenticate:
      break;
  }
  return link_to(visit, visit.transaction.step == "signup" ? "/u/signup" : "/u/login");
}

http::Response Flow::see_other(std::string location) {
  http::Response response = http::Response::redirect(std::move(location), 303);
  response.no_store();
  response.set("Referrer-Policy", "same-origin");
  return response;
}

std::shared_ptr<const model::Client> Flow::client(const TenantId& tenant, std::string_view id) const {
  if (id.empty()) return nullptr;
  auto found = parts_.clients.find(tenant, ClientId(std::string(id)));
  return found ? *found : nullptr;
}

Result<Visit> Flow::plain_visit(const http::Request& request) const {
  Visit visit;
  visit.request = &request;
  TRY(visit.tenant, parts_.tenants.get(request.tenant));
  visit.catalogue =
      &choose_catalogue(*visit.tenant, request.query.get("ui_locales").value_or(""), request.header("accept-language").value_or(""));
  if (const auto cookie = request.cookie(model::kBrowserCookie); cookie && model::TransactionStore::is_cookie(*cookie))
    visit.browser = *cookie;
  return visit;
}

Flow::Entered Flow::enter(const http::Request& request, Phase phase, const std::string& state) const {
  auto plain = plain_visit(request);
  if (!plain) return {.answer = no_page(request)};
  LoginVisit visit{std::move(*plain)};
  visit.binding = state;
  auto found = parts_.db.read(
      [&](storage::Reader& reader) { return parts_.transactions.find(reader, request.tenant, state, visit.browser, parts_.clock.now()); });
  if (!found) return {.answer = busy(visit)};
  if (!*found) return {.answer = unknown_state(std::move(visit), state)};
  visit.transaction = std::move(**found);
  visit.client = client(request.tenant, visit.transaction.client.str());
  visit.catalogue = &choose_catalogue(*visit.tenant, visit.asked("ui_locales"), request.header("accept-language").value_or(""));
  if (!visit.client && phase != Phase::logout) return {.answer = unknown_state(std::move(visit), state)};
  if (phase_of(visit.transaction) != phase) return {.answer = see_other(due(visit))};
  if (phase == Phase::authenticate)
    if (auto explained = choose_connection(visit)) return {.answer = std::move(explained)};
  if (interruption(phase))
    if (auto answer = resume_login(visit)) return {.answer = std::move(answer)};
  return {.visit = std::move(visit)};
}

std::optional<http::Response> Flow::choose_connection(LoginVisit& visit) const {
  auto enabled = parts_.connections.enabled_for(visit.tenant->id, visit.client->id);
  if (!enabled) return busy(visit);
  const std::string asked = visit.asked("connection"), found = visit.learnt("realm");
  for (auto& connection : *enabled) {
    const WayKind kind = way_of(*connection);
    if (kind == WayKind::none || (!asked.empty() && connection->name != asked)) continue;
    if (connection->is_database() && (!visit.connection || connection->name == found)) visit.connection = connection;
    const bool leads_away = kind == WayKind::social || kind == WayKind::enterprise;
    if (leads_away && connection->name == (asked.empty() ? found : asked)) visit.elsewhere = connection;
    visit.connections.push_back(std::move(connection));
  }
  if (has_identifier(visit) || has_way(visit) || visit.elsewhere) return std::nullopt;
  http::ErrorPage error{.status = 400, .error = "invalid_request", .client_id = visit.client->id.str()};
  error.description = asked.empty() ? "no connections enabled for the client" : "the connection is not enabled for the client";
  if (visit.tenant->is_local()) {
    error.details =
        asked.empty() ? "No connection that people can sign in with is enabled for the application \"" + visit.client->name + "\"."
                      : "The connection \"" + asked + "\" is not one that people of \"" + visit.client->name + "\" can sign in with.";
    error.details += "\n\nEnable one with the Management API:\nPATCH " + visit.tenant->issuer +
                     "api/v2/connections/{id}/clients\n[{\"client_id\":\"" + visit.client->id.str() + "\",\"status\":true}]\n\nGET " +
                     visit.tenant->issuer + "api/v2/connections lists them with their ids.";
  }
  logs::Event event = logs::Event::from(*visit.request, "f", error.description);
  event.client = visit.client->id;
  event.client_name = visit.client->name;
  event.details = json::object{{"connection", asked}};
  parts_.log.enqueue(std::move(event));
  return ErrorScreen::show(pages_, visit, error, "no-connection");
}

http::Response Flow::unknown_state(Visit visit, std::string_view state) const {
  const Timestamp now = parts_.clock.now();
  struct Known {
    std::optional<ClientId> client;
    std::optional<model::Session> session;
    std::optional<model::User> user;
  };
  auto known = parts_.db.read([&](storage::Reader& reader) -> Result<Known> {
    Known k;
    TRY(k.client, parts_.transactions.client_of(reader, visit.tenant->id, state));
    TRY(k.session,
        parts_.sessions.find_by_secret(reader, visit.tenant->id, visit.request->cookie(model::kSessionCookie).value_or(""), now));
    if (!k.session) return k;
    TRY(k.user, parts_.users.find(reader, visit.tenant->id, k.session->user));
    return k;
  });
  if (!known) return busy(visit);
  if (known->client)
    visit.client = client(visit.tenant->id, known->client->str());
  else if (known->session && !known->session->clients.empty())
    visit.client = client(visit.tenant->id, known->session->clients.back());

  const bool signed_in = known->user && !known->client;
  Page page{.template_name = "message", .prompt = "common", .screen = signed_in ? "signed-in" : "expired", .status = signed_in ? 200 : 400};
  if (known->user) page.placeholders["userName"] = known->user->display_name();
  const ScreenTexts texts = pages_.texts(visit, page.prompt, page.screen);
  const Placeholders values = Pages::placeholders(visit);
  page.variables["tone"] = signed_in ? "good" : "info";
  if (!signed_in) {
    json::array lines;
    if (!visit.client) lines.emplace_back(texts.get("hint", values));
    if (visit.browser.empty()) lines.emplace_back(texts.get("cookiesHint", values));
    page.variables["lines"] = std::move(lines);
  }
  page.variables["link"] = way_back_link(visit, texts.get("backToAppText", values));
  return pages_.render(visit, std::move(page));
}

http::Response Flow::stale_form(const Visit& visit, std::string retry) const {
  Page page{.template_name = "message",
            .prompt = "common",
            .screen = "expired",
            .status = 403,
            .description_key = "formDescription",
            .failed = true};
  page.variables["tone"] = "info";
  const ScreenTexts texts = pages_.texts(visit, "common", "busy");
  page.variables["link"] = json::object{{"href", std::move(retry)}, {"text", texts.get("buttonText", {})}};
  return pages_.render(visit, std::move(page));
}

http::Response Flow::busy(const Visit& visit) const {
  Page page{.template_name = "message", .prompt = "common", .screen = "busy", .status = 503};
  page.variables["tone"] = "info";
  // The hosted forms stand at the address they are sent to: the link shows the form again.
  if (visit.request->method != http::Method::POST || visit.request->path.starts_with("/u/"))
    page.variables["link"] =
        json::object{{"href", visit.request->target}, {"text", pages_.texts(visit, "common", "busy").get("buttonText", {})}};
  http::Response response = pages_.render(visit, std::move(page));
  response.set("Retry-After", "5");
  return response;
}

http::Response Flow::turned_away(const http::Request& request) const {
  static const model::Tenant any = [] {
    model::Tenant tenant;
    json::array locales{"en"};  // for who accepts none of them
    for (const std::string& locale : Catalogue::locales()) locales.emplace_back(locale);
    tenant.settings["enabled_locales"] = std::move(locales);
    return tenant;
  }();
  Visit visit;
  visit.request = &request;
  visit.catalogue = &choose_catalogue(any, request.query.get("ui_locales").value_or(""), request.header("accept-language").value_or(""));
  return busy(visit);
}

void Flow::mount(http::Router& router, const std::string& path, Phase phase, http::Lane lane, Show show, Submit submit,
                 std::source_location where, http::Lane show_lane) const {
  router.get(
      path, {.lane = show_lane, .scope = "login"},
      [this, phase, show](const http::Request& request) {
        Entered entered = enter(request, phase, std::string(request.query.get("state").value_or("")));
        return entered.answer ? std::move(*entered.answer) : show(*entered.visit);
      },
      where);
  if (!submit) return;
  router.post(
      path,
      {.lane = lane,
       .scope = "login",
       // The verdict of a captcha's service is waited for elsewhere.
       .planner = [lane](const http::Request& r) { return attack_protection::Captcha::needs_a_service(r.body) ? http::Lane::outbound : lane; },
       .max_body = 64 * 1024},
      [this, path, phase, submit](const http::Request& request) {
        Entered entered = enter(request, phase, std::string(request.query.get("state").value_or("")));
        if (entered.answer) return std::move(*entered.answer);
        auto form = http::Parameters::parse(request.body);
        if (!is_form(request) || !form || form->repeated() || !csrf_fits(*entered.visit, *form))
          return stale_form(*entered.visit, link_to(*entered.visit, path));
        return submit(*entered.visit, *form);
      },
      where);
}

Result<TicketVisit> Flow::enter_ticket(const http::Request& request, std::string_view kind) const {
  TRY(Visit plain, plain_visit(request));
  TicketVisit visit{std::move(plain), {}, {}};
  visit.binding = request.query.get("ticket").value_or("");
  if (visit.browser.empty()) {
    visit.browser = model::TransactionStore::make_cookie(parts_.random);
    visit.new_browser = true;
  }
  TRY_VOID(parts_.db.read([&](storage::Reader& reader) -> Result<void> {
    TRY(visit.found, parts_.tickets.find(reader, request.tenant, kind, visit.binding, parts_.clock.now()));
    if (!visit.found.ticket) return {};
    TRY(visit.user, parts_.users.find(reader, request.tenant, visit.found.ticket->user));
    return {};
  }));
  if (visit.found.ticket) visit.client = client(request.tenant, get_string(visit.found.ticket->data, "client_id").value_or(""));
  return visit;
}

void Flow::mount_ticket(http::Router& router, const std::string& path, std::string_view kind, http::Lane lane, ShowTicket show,
                        SubmitTicket submit, std::source_location where) const {
  router.get(
      path, {.lane = http::Lane::store, .scope = "ticket"},
      [this, kind, show](const http::Request& request) {
        auto visit = enter_ticket(request, kind);
        return visit ? show(*visit) : no_page(request);
      },
      where);
  if (!submit) return;
  router.post(
      path, {.lane = lane, .scope = "ticket", .max_body = 64 * 1024},
      [this, path, kind, submit](const http::Request& request) {
        auto visit = enter_ticket(request, kind);
        if (!visit) return no_page(request);
        auto form = http::Parameters::parse(request.body);
        if (!is_form(request) || !form || form->repeated() || !csrf_fits(*visit, *form))
          return stale_form(*visit, path + "?ticket=" + http::percent_encode(visit->binding));
        return submit(*visit, *form);
      },
      where);
}

sign_in::Attempt Flow::attempt(const LoginVisit& visit, std::string identifier) const {
  sign_in::Attempt attempt{.tenant = visit.tenant.get(),
                           .client = visit.client.get(),
                           .connection = visit.connection.get(),
                           .identifier = std::move(identifier)};
  attempt.event = logs::Event::from(*visit.request, "", "");
  attempt.event.audience = visit.asked("audience");
  attempt.event.scope = visit.asked("scope");
  attempt.step_up_if_enrolled = visit.asked("audience") == visit.tenant->issuer + "mfa/";
  attempt.remembered_browser = visit.request->cookie(model::kRememberedBrowserCookie).value_or("");
  attempt.step_up = asks_for_second_factor(visit.asked("acr_values"));
  return attempt;
}

http::Response Flow::park(LoginVisit& visit, const sign_in::Authenticated& who, const Interruption& interruption) const {
  // `finish` may be called with the same login again: a closure may run more than once, so it works on a copy.
  auto stored = parts_.db.write([&](storage::Transaction& tx) -> Result<model::LoginTransaction> {
    model::LoginTransaction parked = visit.transaction;
    parked.step = step_of(interruption.phase);
    TRY(parked.flow["who"], parts_.sign_in.suspend(tx, who));
    TRY_VOID(parts_.transactions.update(tx, parked));
    return parked;
  });
  if (!stored) return busy(visit);
  visit.transaction = std::move(*stored);
  return see_other(link_to(visit, interruption.path));
}

std::optional<http::Response> Flow::resume_login(LoginVisit& visit) const {
  const json::object* suspended = get_object(visit.transaction.flow, "who");
  auto who = parts_.db.read([&](storage::Reader& reader) -> Result<std::optional<sign_in::Authenticated>> {
    if (!suspended) return std::optional<sign_in::Authenticated>{};
    return parts_.sign_in.resumed(reader, visit.tenant->id, *suspended);
  });
  if (!who) return busy(visit);
  if (*who) {
    auto connection = parts_.connections.find_by_name(visit.tenant->id, (*who)->connection());
    if (!connection) return busy(visit);
    visit.connection = *connection;
    visit.who = std::move(*who);
    return std::nullopt;
  }
  // The user is gone, blocked, or has a new password since: from the beginning.
  visit.transaction.step = "login";
  visit.transaction.flow.erase("who");
  return go(visit, "/u/login");
}

http::Response Flow::finish(LoginVisit& visit, const sign_in::Attempt& attempt, const sign_in::Authenticated& who) const {
  for (const Interruption& interruption : interruptions_) {
    auto due = interruption.due(visit, attempt, who);
    if (!due) return busy(visit);
    if (*due) return park(visit, who, interruption);
  }
  const auto admitted = parts_.sign_in.admit(attempt, who);
  if (!admitted) return busy(visit);
  const auto started = parts_.sign_in.start_session(attempt, *admitted, visit.transaction, visit.request->cookie(model::kSessionCookie));
  if (!started && started.error().code == sign_in::SignInErrc::user_blocked)
    return see_other(link_to(visit, "/u/login"));  // blocked this very moment
  if (!started) return busy(visit);
  http::Response response = see_other(due(visit));
  http::Cookie cookie{.name = std::string(model::kSessionCookie),
                      .value = std::string(started->cookie_value.reveal()),
                      .same_site = http::Cookie::SameSite::none};  // silent login from an application's iframe needs it
  const json::object* mode = get_object(visit.tenant->settings, "session_cookie");
  if (!mode || get_string(*mode, "mode").value_or("persistent") != "non-persistent")
    cookie.max_age_seconds = std::chrono::duration_cast<seconds>(started->session.expires_at - started->session.created_at).count();
  response.set_cookie(cookie);
  return response;
}

Result<void> Flow::choose_database(LoginVisit& visit, std::string_view identifier) const {
  if (!visit.asked("connection").empty()) return {};
  std::vector<std::shared_ptr<const model::Connection>> databases;
  for (const auto& connection : visit.connections)
    if (connection->is_database()) databases.push_back(connection);
  if (databases.size() < 2) return {};
  // All of them are asked, whatever the answers are: how long it takes tells nothing.
  std::shared_ptr<const model::Connection> home;
  TRY_VOID(parts_.db.read([&](storage::Reader& reader) -> Result<void> {
    for (const auto& connection : databases) {
      TRY(const auto user, connections::find_user(reader, parts_.users, visit.tenant->id, connection->name, identifier));
      if (user && !home) home = connection;
    }
    return {};
  }));
  if (home) visit.connection = std::move(home);
  return {};
}

http::Response Flow::go(LoginVisit& visit, std::string_view path) const {
  const auto stored = parts_.db.write_unsynced([&](storage::Transaction& tx) { return parts_.transactions.update(tx, visit.transaction); });
  return stored ? see_other(link_to(visit, path)) : busy(visit);
}

http::Response no_page(const http::Request& request) {
  http::Response response =
      http::Response::text(503, "This page is not available at the moment. Please try again.\nTracking ID: " + request.id + "\n");
  response.set("Retry-After", "5");
  response.no_store();
  return response;
}

}  // namespace gatehouse::login
