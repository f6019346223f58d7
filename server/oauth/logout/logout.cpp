#include "oauth/logout/logout.h"

#include "base/text.h"
#include "model/clients/url_rules.h"

namespace gatehouse::oauth {
namespace {

/// Auth0's sentence for a URL that is on no list, with the closest entry and where to add it.
OAuthError not_allowed(std::string_view parameter, std::string_view asked, const std::vector<std::string>& allowed,
                       const model::Client* client) {
  std::string details = "You sent " + std::string(asked) + ". ";
  if (const std::optional<std::string> near = model::nearest_url(allowed, asked)) details += "The closest allowed one is " + *near + ". ";
  details += "Allowed: " + (allowed.empty() ? "none" : join(allowed, ", ")) + ". ";
  details += client ? "Add it to allowed_logout_urls of the application \"" + client->name + "\"."
                    : "Without a client_id the tenant's allowed_logout_urls count; add it there, or send the client_id.";
  return OAuthError{OAuthErrc::invalid_request,
                    "The \"" + std::string(parameter) + "\" querystring parameter \"" + std::string(asked) +
                        "\" is not defined as a valid URL in \"Allowed Logout URLs\".",
                    std::move(details)};
}

std::string with_state(std::string url, std::string_view state) {
  if (state.empty()) return url;
  const size_t hash = url.find('#');
  const std::string fragment = hash == std::string::npos ? std::string() : url.substr(hash);
  url.resize(std::min(hash, url.size()));
  url += url.find('?') == std::string::npos ? '?' : '&';
  return url + "state=" + http::percent_encode(state) + fragment;
}

}  // namespace

void Logout::mount(http::Router& router) {
  // Where another provider ends its sessions may have to be asked for.
  const auto planner = [](const http::Request& r) {
    const bool elsewhere = r.query.contains("federated") || r.body.find("federated") != std::string::npos || r.path == "/oidc/logout/resume";
    return elsewhere ? http::Lane::outbound : http::Lane::store;
  };
  const http::RouteOptions options{.lane = http::Lane::store, .scope = "browser", .planner = planner};
  router.get("/v2/logout", options, [this](const http::Request& r) { return v2(r); });
  router.get("/oidc/logout", options, [this](const http::Request& r) { return oidc(r, r.query); });
  router.post("/oidc/logout", {.lane = http::Lane::store, .scope = "browser", .planner = planner, .max_body = 64 * 1024}, [this](const http::Request& r) {
    gatehouse::Result<http::Parameters> form = http::Parameters::parse(r.body);
    if (r.content_type() != "application/x-www-form-urlencoded" || !form)
      return refuse(r, nullptr, OAuthError{OAuthErrc::invalid_request, "The body must be a form (application/x-www-form-urlencoded)."}, "");
    return oidc(r, *form);
  });
  router.get("/oidc/logout/resume", options, [this](const http::Request& r) { return resume(r); });
}

gatehouse::Result<std::optional<model::Session>> Logout::session_of(const http::Request& request) const {
  const std::optional<std::string_view> cookie = request.cookie(model::kSessionCookie);
  if (!cookie || cookie->empty()) return std::optional<model::Session>{};
  return parts_.sessions.find_by_secret(request.tenant, *cookie, parts_.clock.now());
}

Result<std::shared_ptr<const model::Client>> Logout::find_client(const model::Tenant& tenant, std::string_view client_id) const {
  TRY(std::shared_ptr<const model::Client> client, parts_.clients.find(tenant.id, ClientId(std::string(client_id))));
  if (!client || client->global) return OAuthError{OAuthErrc::invalid_request, "Unknown client: " + std::string(client_id)};
  return client;
}

// --- /v2/logout

Result<Logout::Target> Logout::v2_target(const http::Request& request, const model::Tenant& tenant) const {
  if (const std::optional<std::string_view> name = request.query.repeated())
    return OAuthError{OAuthErrc::invalid_request, "Parameter sent more than once: " + std::string(*name)};
  const std::string_view client_id = request.query.get("client_id").value_or("");
  const std::string_view return_to = request.query.get("returnTo").value_or("");
  Target target;
  target.federated = request.query.contains("federated");
  if (!client_id.empty()) {
    TRY(target.client, find_client(tenant, client_id));
  }
  const std::vector<std::string> allowed = target.client ? target.client->allowed_logout_urls : tenant.allowed_logout_urls();
  if (return_to.empty()) {
    // Auth0: with a client_id and no returnTo the first allowed URL it is.
    if (target.client && !allowed.empty() && model::is_safe_redirect(allowed.front()) && allowed.front().find('*') == std::string::npos)
      target.url = allowed.front();
    return target;
  }
  if (!model::logout_url_allowed(allowed, return_to, {.wildcards = !target.client || target.client->is_first_party}, true))
    return not_allowed("returnTo", return_to, allowed, target.client.get());
  target.url = std::string(return_to);
  return target;
}

http::Response Logout::v2(const http::Request& request) const {
  const gatehouse::Result<std::shared_ptr<const model::Tenant>> tenant = parts_.tenants.get(request.tenant);
  if (!tenant) return refuse(request, nullptr, OAuthError(tenant.error()), "");
  const Result<Target> target = v2_target(request, **tenant);
  if (!target) return refuse(request, tenant->get(), target.error(), request.query.get("client_id").value_or(""));
  return end(request, **tenant, *target);
}

// --- /oidc/logout

Result<Logout::Target> Logout::oidc_target(const http::Parameters& parameters, const model::Tenant& tenant,
                                           const std::optional<IdTokenHint>& hint) const {
  const std::string_view client_id = parameters.get("client_id").value_or("");
  Target target;
  target.state = std::string(parameters.get("state").value_or(""));
  target.federated = parameters.contains("federated");
  if (hint && !client_id.empty() && hint->client.str() != client_id)
    return OAuthError{OAuthErrc::invalid_request, "client_id does not match the audience of id_token_hint."};
  if (hint || !client_id.empty()) {
    TRY(target.client, find_client(tenant, hint ? std::string_view(hint->client.str()) : client_id));
  }
  const std::string_view asked = parameters.get("post_logout_redirect_uri").value_or("");
  if (asked.empty()) return target;
  const std::vector<std::string> allowed = target.client ? target.client->allowed_logout_urls : tenant.allowed_logout_urls();
  if (!model::logout_url_allowed(allowed, asked, {.wildcards = !target.client || target.client->is_first_party}, false))
    return not_allowed("post_logout_redirect_uri", asked, allowed, target.client.get());
  target.url = std::string(asked);
  return target;
}

http::Response Logout::oidc(const http::Request& request, const http::Parameters& parameters) const {
  const gatehouse::Result<std::shared_ptr<const model::Tenant>> found = parts_.tenants.get(request.tenant);
  if (!found) return refuse(request, nullptr, OAuthError(found.error()), "");
  const model::Tenant& tenant = **found;
  const std::string_view client_id = parameters.get("client_id").value_or("");
  if (const std::optional<std::string_view> name = parameters.repeated())
    return refuse(request, &tenant, OAuthError{OAuthErrc::invalid_request, "Parameter sent more than once: " + std::string(*name)},
                  client_id);

  std::optional<IdTokenHint> hint;
  if (const std::string_view text = parameters.get("id_token_hint").value_or(""); !text.empty()) {
    Result<IdTokenHint> read = parts_.verifier.id_token_hint(tenant, text);
    if (!read) return refuse(request, &tenant, read.error(), client_id);
    hint = std::move(*read);
  }
  const std::string_view logout_hint = parameters.get("logout_hint").value_or("");
  if (hint && hint->session && !logout_hint.empty() && hint->session->str() != logout_hint)
    return refuse(request, &tenant, OAuthError{OAuthErrc::invalid_request, "logout_hint does not match the session of id_token_hint."},
                  client_id);
  const Result<Target> target = oidc_target(parameters, tenant, hint);
  if (!target) return refuse(request, &tenant, target.error(), client_id);

  const gatehouse::Result<std::optional<model::Session>> session = session_of(request);
  if (!session) return refuse(request, &tenant, OAuthError(session.error()), client_id);
  if (*session) {
    // Whoever knows the session, or holds an ID token of its user, may end it without a question (RP-Initiated Logout §2 and §6).
    const bool known = (!logout_hint.empty() && logout_hint == (*session)->id.str()) ||
                       (hint && (hint->session ? *hint->session == (*session)->id : hint->subject == (*session)->user.str()));
    if (!known) return ask_first(request, tenant, *target, **session);
  }
  return end(request, tenant, *target);
}

http::Response Logout::ask_first(const http::Request& request, const model::Tenant& tenant, const Target& target,
                                 const model::Session& session) const {
  const Timestamp now = parts_.clock.now();
  const std::string state = model::TransactionStore::make_state(parts_.random);
  model::LoginTransaction transaction;
  transaction.id = model::TransactionStore::digest(state);
  transaction.tenant = tenant.id;
  if (target.client) transaction.client = target.client->id;
  std::string cookie(request.cookie(model::kBrowserCookie).value_or(""));
  const bool has_cookie = model::TransactionStore::is_cookie(cookie);
  if (!has_cookie) cookie = model::TransactionStore::make_cookie(parts_.random);
  transaction.browser_digest = model::TransactionStore::digest(cookie);
  transaction.request = json::object{{"post_logout_redirect_uri", target.url}, {"state", target.state}, {"federated", target.federated}};
  transaction.step = "logout";
  transaction.flow = json::object{{"session", session.id.str()}};
  transaction.created_at = now;
  transaction.expires_at = now + seconds(600);
  const gatehouse::Result<void> stored =
      parts_.db.write([&](storage::Transaction& tx) { return parts_.transactions.insert(tx, transaction); });
  if (!stored) return refuse(request, &tenant, OAuthError(stored.error()), transaction.client.str());
  http::Response response = http::Response::redirect(tenant.issuer + "u/logout?state=" + http::percent_encode(state),
                                                     request.method == http::Method::POST ? 303 : 302);
  response.no_store();
  if (!has_cookie) response.set_cookie({.name = std::string(model::kBrowserCookie), .value = cookie});
  return response;
}

http::Response Logout::resume(const http::Request& request) const {
  const gatehouse::Result<std::shared_ptr<const model::Tenant>> tenant = parts_.tenants.get(request.tenant);
  if (!tenant) return refuse(request, nullptr, OAuthError(tenant.error()), "");
  const std::string_view state = request.query.get("state").value_or("");
  gatehouse::Result<std::optional<model::LoginTransaction>> found = parts_.db.read([&](storage::Reader& reader) {
    return parts_.transactions.find(reader, request.tenant, state, request.cookie(model::kBrowserCookie).value_or(""), parts_.clock.now());
  });
  if (!found) return refuse(request, tenant->get(), OAuthError(found.error()), "");
  if (!*found || !get_string((*found)->flow, "session"))
    return refuse(request, tenant->get(),
                  OAuthError{OAuthErrc::invalid_request, "This logout is not known in this browser, or has expired."}, "");
  const model::LoginTransaction& transaction = **found;
  const std::optional<std::string_view> choice = get_string(transaction.flow, "logout");
  if (choice != "accept" && choice != "deny") {
    http::Response again = http::Response::redirect((*tenant)->issuer + "u/logout?state=" + http::percent_encode(state));
    again.no_store();
    return again;
  }
  Target target;
  if (!transaction.client.empty()) {
    Result<std::shared_ptr<const model::Client>> client = find_client(**tenant, transaction.client.str());
    if (!client) return refuse(request, tenant->get(), client.error(), transaction.client.str());
    target.client = std::move(*client);
  }
  target.url = std::string(get_string(transaction.request, "post_logout_redirect_uri").value_or(""));
  target.state = std::string(get_string(transaction.request, "state").value_or(""));
  target.federated = get_bool(transaction.request, "federated").value_or(false);
  if (choice == "accept") return end(request, **tenant, target, transaction);
  const gatehouse::Result<void> removed = parts_.db.write([&](storage::Transaction& tx) -> gatehouse::Result<void> {
    TRY_VOID(parts_.transactions.remove(tx, request.tenant, transaction.id));
    return {};
  });
  if (!removed) return refuse(request, tenant->get(), OAuthError(removed.error()), transaction.client.str());
  // Whoever declined is not sent back to the application, which would believe that they are gone.
  http::Response stays = http::Response::redirect((*tenant)->issuer + "u/logged-out");
  stays.no_store();
  return stays;
}

// --- both

http::Response Logout::end(const http::Request& request, const model::Tenant& tenant, const Target& target,
                           const std::optional<model::LoginTransaction>& confirmed) const {
  const std::optional<std::string_view> cookie = request.cookie(model::kSessionCookie);
  const gatehouse::Result<std::string> ended = parts_.db.write([&](storage::Transaction& tx) -> gatehouse::Result<std::string> {
    if (confirmed) TRY_VOID(parts_.transactions.remove(tx, tenant.id, confirmed->id));
    std::optional<model::Session> session;
    if (cookie && !cookie->empty()) {
      TRY(session, parts_.sessions.find_by_secret(tx, tenant.id, *cookie, parts_.clock.now()));
    }
    if (!session) return std::string();
    TRY_VOID(parts_.sessions.remove(tx, tenant.id, session->id));
    logs::Event event = logs::Event::from(request, "slo", "User successfully logged out");
    event.user = session->user;
    event.connection = session->connection;
    event.session_id = session->id.str();
    if (target.client) {
      event.client = target.client->id;
      event.client_name = target.client->name;
    }
    if (!target.url.empty()) event.details = json::object{{"return_to", target.url}};
    TRY_VOID(parts_.log.write(tx, event));
    return session->connection;
  });
  if (!ended) return refuse(request, &tenant, OAuthError(ended.error()), target.client ? target.client->id.str() : "");
  http::Response response = http::Response::text(200, "OK");  // Auth0's answer of /v2/logout when there is nowhere to go
  const int status = request.method == http::Method::POST ? 303 : 302;
  if (!target.url.empty())
    response = http::Response::redirect(with_state(target.url, target.state), status);
  else if (request.path != "/v2/logout")
    response = http::Response::redirect(tenant.issuer + "u/logged-out", status);
  if (target.federated)
    if (std::string there = provider_logout(tenant, *ended, target); !there.empty()) response = http::Response::redirect(std::move(there), status);
  response.no_store();
  response.set_cookie(
      {.name = std::string(model::kSessionCookie), .value = "", .same_site = http::Cookie::SameSite::none, .max_age_seconds = 0});
  return response;
}

std::string Logout::provider_logout(const model::Tenant& tenant, std::string_view connection, const Target& target) const {
  if (!parts_.upstream || connection.empty()) return {};
  const auto found = parts_.connections.find_by_name(tenant.id, connection);
  if (!found || !*found || !connections::UpstreamEngine::is_upstream(**found)) return {};
  return parts_.upstream->logout_url(**found, target.url.empty() ? std::string() : with_state(target.url, target.state));
}

http::Response Logout::refuse(const http::Request& request, const model::Tenant* tenant, const OAuthError& error,
                              std::string_view client_id) const {
  logs::Event event = logs::Event::from(request, "flo", error.description);
  event.client = ClientId(std::string(client_id));
  event.details = event_details(error);
  parts_.log.enqueue(std::move(event));
  http::Response response = parts_.error_page(request, {.status = status_of(error.code),
                                                        .error = std::string(to_string(error.code)),
                                                        .description = error.description,
                                                        .details = tenant && tenant->is_local() ? error.details : std::string(),
                                                        .client_id = std::string(client_id)});
  response.no_store();
  return response;
}

}  // namespace gatehouse::oauth
