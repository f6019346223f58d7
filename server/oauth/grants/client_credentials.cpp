#include "oauth/grants/client_credentials.h"

#include <algorithm>

namespace gatehouse::oauth {

Result<TokenResponse> ClientCredentialsGrant::handle(const TokenRequest& request, const AuthenticatedClient& authenticated) const {
  const model::Client& client = *authenticated.client;
  if (client.is_public())
    return OAuthError{OAuthErrc::unauthorized_client, "Grant type 'client_credentials' not allowed for the client.",
                      "A client without a secret (token_endpoint_auth_method none) cannot use this grant."};

  const std::string_view audience = request.body.get("audience").value_or("");
  if (audience.empty() && request.tenant.default_audience().empty())
    return OAuthError{OAuthErrc::access_denied, "No audience parameter was provided, and no default audience has been configured"};
  TRY(const std::shared_ptr<const model::ResourceServer> api, parts_.api_access.of_audience(request.tenant, audience));
  if (!api) return OAuthError{OAuthErrc::access_denied, "Service not enabled within domain: " + std::string(audience)};

  const auto no_grant = [&] {
    return OAuthError{OAuthErrc::access_denied,
                      "Client is not authorized to access \"" + api->identifier +
                          "\". You need to create a \"client-grant\" associated to this API. See: "
                          "https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants",
                      {},
                      "no client grant of subject type client for this audience"};
  };
  if (api->client_policy == "deny_all") return no_grant();
  TRY(const std::shared_ptr<const model::ClientGrant> grant, parts_.client_grants.find(request.tenant.id, client.id, api->identifier));
  if (!grant && api->client_policy != "allow_all") return no_grant();

  // An empty request means all that was granted (RFC 6749 §3.3).
  const auto is_granted = [&](const std::string& scope) {
    if (!grant || grant->allow_all_scopes) return api->has_scope(scope);
    return std::find(grant->scopes.begin(), grant->scopes.end(), scope) != grant->scopes.end();
  };
  Scopes scopes = Scopes::parse(request.body.get("scope").value_or(""));
  if (scopes.empty()) {
    if (grant && !grant->allow_all_scopes)
      scopes = Scopes(grant->scopes);
    else
      for (const model::ResourceServer::Scope& scope : api->scopes) scopes.add(scope.value);
  } else {
    Scopes refused = scopes;
    refused.keep_if([&](const std::string& scope) { return !is_granted(scope); });
    if (!refused.empty()) return OAuthError{OAuthErrc::access_denied, "Client has not been granted scopes: " + refused.to_string()};
  }

  AccessTokenSpec spec{.tenant = request.tenant,
                       .client = client,
                       .api = api.get(),
                       .subject = client.id.str() + "@clients",
                       .scopes = std::move(scopes),
                       .gty = "client-credentials",
                       .now = request.now};
  if (api->adds_permissions()) spec.permissions = spec.scopes.values();
  TRY(AccessToken token, parts_.issuer.access_token(spec));

  logs::Event event = request.event(client, "seccft", "Client credentials exchanged for an access token.");
  event.audience = api->identifier;
  event.scope = spec.scopes.to_string();
  parts_.log.enqueue(std::move(event));
  parts_.watch.token_issued(request.http, client, api->identifier, token.lifetime);
  return TokenResponse{.access_token = std::move(token.value), .scope = spec.scopes.to_string(), .expires_in = token.lifetime};
}

}  // namespace gatehouse::oauth
