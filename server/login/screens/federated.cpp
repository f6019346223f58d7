#include "login/screens/federated.h"

#include "base/text.h"
#include "connections/database/events.h"
#include "login/ways.h"

namespace gatehouse::login {
namespace {

using connections::UpstreamEngine;
using connections::UpstreamErrc;

/// Parameters of a callback that mean something.
constexpr std::string_view kAnswer[] = {"code", "iss", "error", "error_description", "id_token", "user"};
constexpr size_t kLargestBody = 256 * 1024;  // bytes; an ID token with many groups is long

json::object answer_of(const http::Parameters& parameters) {
  json::object out;
  for (const std::string_view name : kAnswer)
    if (const auto value = parameters.get(name)) out[name] = *value;
  return out;
}

}  // namespace

void FederatedScreen::mount(http::Router& router) {
  kit_.flow.mount(
      router, "/u/login/federated", Phase::authenticate, http::Lane::outbound,
      [this](LoginVisit& visit) { return visit.elsewhere ? begin(visit, visit.elsewhere) : Flow::see_other(link_to(visit, "/u/login")); },
      [this](LoginVisit& visit, const http::Parameters& form) {
        const std::string_view name = form.get("connection").value_or("");
        for (const auto& connection : visit.connections)
          if (connection->name == name) return begin(visit, connection);
        return Flow::see_other(link_to(visit, "/u/login"));
      },
      std::source_location::current(), http::Lane::outbound);
  router.get("/login/callback", {.lane = http::Lane::outbound, .scope = "login"},
             [this](const http::Request& request) { return come_back(request); });
  router.post("/login/callback", {.lane = http::Lane::store, .scope = "login", .max_body = kLargestBody},
              [this](const http::Request& request) { return posted(request); });
}

http::Response FederatedScreen::begin(LoginVisit& visit, const std::shared_ptr<const model::Connection>& connection) const {
  const WayKind kind = way_of(*connection);
  if ((kind != WayKind::social && kind != WayKind::enterprise) || !UpstreamEngine::is_upstream(*connection))
    return Flow::see_other(link_to(visit, "/u/login"));
  json::object asked = visit.transaction.request;
  if (const std::string typed = visit.learnt("identifier"); !typed.empty()) asked["login_hint"] = typed;
  auto begun = kit_.parts.upstream.begin(*connection, visit.tenant->issuer + "login/callback", visit.binding, asked);
  if (!begun) return failed(visit, *connection, begun.error());
  begun->request.created_at = kit_.parts.clock.now();
  begun->request.expires_at = visit.transaction.expires_at;
  visit.transaction.flow.erase("alert");
  const auto stored = kit_.parts.db.write_unsynced([&](storage::Transaction& tx) -> Result<void> {
    TRY_VOID(kit_.parts.transactions.update(tx, visit.transaction));
    return kit_.parts.upstream_store.insert(tx, begun->state, begun->request);
  });
  if (!stored) return kit_.flow.busy(visit);
  http::Response response = Flow::see_other(std::move(begun->url));
  response.set("Referrer-Policy", "no-referrer");
  return response;
}

http::Response FederatedScreen::posted(const http::Request& request) const {
  auto form = http::Parameters::parse(request.body);
  if (request.content_type() != "application/x-www-form-urlencoded" || !form || form->repeated()) return lost(request);
  const std::string state(form->get("state").value_or(""));
  if (state.empty() || state.size() > 200) return lost(request);
  const auto kept = kit_.parts.db.write_unsynced([&](storage::Transaction& tx) {
    return kit_.parts.upstream_store.put_answer(tx, request.tenant, state, answer_of(*form), kit_.parts.clock.now());
  });
  if (!kept) return no_page(request);
  return Flow::see_other("/login/callback?state=" + http::percent_encode(state));
}

http::Response FederatedScreen::come_back(const http::Request& request) const {
  const std::string_view state = request.query.get("state").value_or("");
  if (request.query.repeated()) return lost(request);
  auto found = kit_.parts.db.read(
      [&](storage::Reader& reader) { return kit_.parts.upstream_store.find(reader, request.tenant, state, kit_.parts.clock.now()); });
  if (!found) return no_page(request);
  if (!*found) return lost(request);
  const model::UpstreamRequest& asked = **found;
  // The browser's cookie and the login it belongs to: an answer that was planted in another browser ends here.
  Flow::Entered entered = kit_.flow.enter(request, Phase::authenticate, asked.login_state);
  if (entered.answer) return std::move(*entered.answer);
  LoginVisit& visit = *entered.visit;
  std::shared_ptr<const model::Connection> connection;
  for (const auto& offered : visit.connections)
    if (offered->id == asked.connection) connection = offered;
  if (!connection) return Flow::see_other(link_to(visit, "/u/login"));  // taken away meanwhile

  const auto mine = kit_.parts.db.write_unsynced(
      [&](storage::Transaction& tx) { return kit_.parts.upstream_store.consume(tx, request.tenant, state, kit_.parts.clock.now()); });
  if (!mine) return kit_.flow.busy(visit);
  if (!*mine) return lost(request);
  // A posted answer counts where the browser brings none itself: nobody puts one in its place.
  json::object answer = answer_of(request.query);
  if (answer.empty()) answer = asked.answer;
  const auto identity = kit_.parts.upstream.finish(*connection, asked, answer);
  if (!identity) return failed(visit, *connection, identity.error());

  visit.connection = connection;
  const sign_in::Attempt attempt = kit_.flow.attempt(visit, identity->profile().email.value_or(identity->profile().subject));
  const auto who = kit_.parts.sign_in.with_upstream(attempt, *identity, kit_.parts.upstream_store);
  if (who) return kit_.flow.finish(visit, attempt, *who);
  switch (who.error().code) {
    case sign_in::SignInErrc::user_blocked:
      return explain(visit, *connection, "blockedDescription", 403, "");
    case sign_in::SignInErrc::wrong_credentials:
    case sign_in::SignInErrc::invalid_connection:
      return explain(visit, *connection, "noAccountDescription", 403, who.error().message);
    default:
      return kit_.flow.busy(visit);
  }
}

http::Response FederatedScreen::failed(LoginVisit& visit, const model::Connection& connection,
                                       const connections::UpstreamError& error) const {
  logs::Event event = logs::Event::from(*visit.request, "f", error.message);
  connections::about(event, connection, visit.client.get());
  event.details = json::object{{"reason", error.detail}};
  if (!error.error.empty()) event.details["error"] = error.error;
  kit_.parts.log.enqueue(std::move(event));
  const std::string detail = error.error.empty() || error.detail.empty() ? error.error + error.detail : error.error + ": " + error.detail;
  switch (error.code) {
    case UpstreamErrc::denied:
      return explain(visit, connection, "deniedDescription", 403, detail);
    case UpstreamErrc::refused:
      return explain(visit, connection, "refusedDescription", 400, detail);
    case UpstreamErrc::unverified:
      return explain(visit, connection, "unverifiedDescription", 400, detail);
    case UpstreamErrc::misconfigured:
      return explain(visit, connection, "misconfiguredDescription", 400, detail);
    case UpstreamErrc::unreachable:
      return explain(visit, connection, "unreachableDescription", 502, detail);
    case UpstreamErrc::overloaded:
      return explain(visit, connection, "busyDescription", 503, detail);
  }
  return kit_.flow.busy(visit);
}

http::Response FederatedScreen::explain(const LoginVisit& visit, const model::Connection& connection, std::string_view key, int status,
                                        std::string_view detail) const {
  Page page{
      .template_name = "message", .prompt = "common", .screen = "federated", .status = status, .description_key = key, .failed = true};
  page.placeholders["connectionName"] = shown_name(connection);
  Placeholders values = Pages::placeholders(visit);
  values["connectionName"] = shown_name(connection);
  const ScreenTexts texts = kit_.pages.texts(visit, page.prompt, page.screen);
  page.variables["tone"] = "info";
  json::array lines;
  // Whoever sets up a connection on their own machine sees why at once; everybody else's administrator finds it in the log.
  if (visit.tenant->is_local() && !detail.empty()) lines.emplace_back(detail);
  lines.emplace_back(texts.get("trackingText", values) + ": " + visit.request->id);
  page.variables["lines"] = std::move(lines);
  const bool has_choice = visit.asked("connection").empty() && (visit.connections.size() > 1 || has_identifier(visit));
  page.variables["link"] =
      json::object{{"href", link_to(visit, "/u/login")}, {"text", texts.get(has_choice ? "chooseText" : "buttonText", values)}};
  page.variables["second_link"] = way_back_link(visit, texts.get("backToAppText", values));
  http::Response response = kit_.pages.render(visit, std::move(page));
  if (status == 503) response.set("Retry-After", "5");
  return response;
}

/// The answer belongs to no login of this browser: it was used, is too old, or was never asked for.
http::Response FederatedScreen::lost(const http::Request& request) const {
  auto visit = kit_.flow.plain_visit(request);
  if (!visit) return no_page(request);
  Page page{.template_name = "message", .prompt = "common", .screen = "expired", .status = 400};
  const ScreenTexts texts = kit_.pages.texts(*visit, page.prompt, page.screen);
  page.variables["tone"] = "info";
  page.variables["lines"] = json::array{json::string(texts.get("hint", Pages::placeholders(*visit)))};
  return kit_.pages.render(*visit, std::move(page));
}

}  // namespace gatehouse::login
