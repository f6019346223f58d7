#include "oauth/token/endpoint.h"

#include <algorithm>

namespace gatehouse::oauth {
namespace {

std::string warm_key(const ClientId& client, std::string_view audience) { return client.str() + '\n' + std::string(audience); }

}  // namespace

TokenEndpoint::TokenEndpoint(Parts parts, std::vector<const Grant*> grants)
    : parts_(parts),
      grants_(std::move(grants)),
      warm_(parts.db, {"tenants", "tenant_documents", "clients", "client_grants", "resource_servers", "keys"}) {}

void TokenEndpoint::mount(http::Router& router) {
  router.post(
      "/oauth/token",
      {.lane = http::Lane::store,
       .scope = "client",
       .planner = [this](const http::Request& r) { return plan(r); },
       .max_body = kMaxBody,
       .costly = true},
      [this](const http::Request& r) { return handle(r); });
  mount_preflight(router, "/oauth/token", "POST");
}

const Grant* TokenEndpoint::find_grant(std::string_view type) const {
  const auto found = std::find_if(grants_.begin(), grants_.end(), [type](const Grant* g) { return g->type() == type; });
  return found == grants_.end() ? nullptr : *found;
}

http::Lane TokenEndpoint::plan(const http::Request& request) const {
  const Result<BodyParameters>& body = BodyParameters::of(request);
  if (!body) return http::Lane::inline_;
  return lane_of(request, *body, find_grant(body->get("grant_type").value_or("")));
}

/// The grant's own lane, unless the client proves itself with an assertion, whose jti is a row. Machine tokens run on the loop once
/// everything they need is in memory, and while this node hears what others change.
http::Lane TokenEndpoint::lane_of(const http::Request& request, const BodyParameters& body, const Grant* grant) const {
  if (!grant) return http::Lane::store;
  if (grant->lane() != http::Lane::inline_) return grant->lane();
  if (body.get("client_assertion") || !parts_.db.hears_other_nodes()) return http::Lane::store;
  const Result<ClientCredentials> credentials = ClientAuthenticator::credentials(request, body);
  if (!credentials) return http::Lane::inline_;
  const bool warm = warm_.find(request.tenant, warm_key(credentials->client, body.get("audience").value_or(""))) != nullptr;
  return warm ? http::Lane::inline_ : http::Lane::store;
}

http::Response TokenEndpoint::handle(const http::Request& request) const {
  const gatehouse::Result<std::shared_ptr<const model::Tenant>> tenant = parts_.tenants.get(request.tenant);
  if (!tenant) return error_response(OAuthError(tenant.error()), false);
  const bool local = (*tenant)->is_local();

  const Result<BodyParameters>& body = BodyParameters::of(request);  // 1 parse
  if (!body) return error_response(body.error(), local);
  const TokenRequest token_request{request, *body, **tenant, parts_.clock.now()};
  AuthenticatedClient client;
  const std::optional<std::string_view> type = body->get("grant_type");  // 2 pick the grant
  const Grant* grant = type ? find_grant(*type) : nullptr;
  const uint64_t generation = warm_.generation();
  const bool on_loop = request.lane == http::Lane::inline_;  // as planned

  Result<TokenResponse> answer = [&]() -> Result<TokenResponse> {
    if (!type) return OAuthError{OAuthErrc::invalid_request, "Missing required parameter: grant_type"};
    if (!grant) return OAuthError{OAuthErrc::unsupported_grant_type, "Unsupported grant type: " + std::string(*type)};
    // Only what is answered on the loop may be a moment behind other nodes.
    if (!on_loop) TRY_VOID(parts_.db.refresh_caches());
    return exchange(token_request, *grant, client);  // 3, 4
  }();

  http::Response response;  // 5 write
  if (answer) {
    response = http::Response::json_text(200, answer->to_json());
    response.no_store();
    if (!on_loop && grant->lane() == http::Lane::inline_ && client.method != model::TokenEndpointAuthMethod::private_key_jwt)
      warm_.put(request.tenant, warm_key(client.client->id, body->get("audience").value_or("")), std::make_shared<const char>(),
                generation);
  } else {
    if (!answer.error().logged) log_failure(token_request, grant, client, answer.error());
    response = error_response(answer.error(), local || client.client);
    if (status_of(answer.error().code) == 401 && request.header("authorization"))  // RFC 6749 §5.2
      response.set("WWW-Authenticate", "Basic realm=\"" + (*tenant)->host + "\"");
  }
  allow_origin_of(request, client.client.get(), parts_.clients, *body, response);
  return response;
}

Result<TokenResponse> TokenEndpoint::exchange(const TokenRequest& request, const Grant& grant, AuthenticatedClient& client) const {
  TRY(client, parts_.client_auth.authenticate(request.http, request.body, request.tenant));  // 3 authenticate the client
  if (!client.client->allows_grant(grant.type()))
    return OAuthError{OAuthErrc::unauthorized_client, "Grant type '" + std::string(grant.type()) + "' not allowed for the client.",
                      "Add it to the application's grant_types."};
  // A token that was asked to be limited to an organization must not quietly become one that is not.
  if (request.body.get("organization")) return OAuthError{OAuthErrc::invalid_request, "The parameter organization is not supported yet."};
  return grant.handle(request, client);  // 4 the grant's own part
}

void TokenEndpoint::log_failure(const TokenRequest& request, const Grant* grant, const AuthenticatedClient& client,
                                const OAuthError& error) const {
  logs::Event event = logs::Event::from(request.http, grant ? grant->failure_event() : "feacft", error.description);
  event.audience = std::string(request.body.get("audience").value_or(""));
  event.scope = std::string(request.body.get("scope").value_or(""));
  if (client.client) {
    event.client = client.client->id;
    event.client_name = client.client->name;
  } else if (const Result<ClientCredentials> asked = ClientAuthenticator::credentials(request.http, request.body)) {
    event.client = asked->client;  // who it said it was
  }
  event.details = event_details(error);
  parts_.log.enqueue(std::move(event));
}

}  // namespace gatehouse::oauth
