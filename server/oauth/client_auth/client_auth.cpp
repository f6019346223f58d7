#include "oauth/client_auth/client_auth.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::oauth {
namespace {

using model::TokenEndpointAuthMethod;

std::string_view name_of(TokenEndpointAuthMethod method) {
  switch (method) {
    case TokenEndpointAuthMethod::none:
      return "none";
    case TokenEndpointAuthMethod::client_secret_post:
      return "client_secret_post";
    case TokenEndpointAuthMethod::client_secret_basic:
      return "client_secret_basic";
    case TokenEndpointAuthMethod::private_key_jwt:
      return "private_key_jwt";
  }
  return "none";
}

bool by_secret(TokenEndpointAuthMethod method) {
  return method == TokenEndpointAuthMethod::client_secret_post || method == TokenEndpointAuthMethod::client_secret_basic;
}

/// Auth0's neutral answer; `why` is for the log.
OAuthError unauthorized(std::string why) {
  return OAuthError{OAuthErrc::access_denied_unauthenticated, "Unauthorized", {}, std::move(why)};
}

}  // namespace

Result<ClientCredentials> ClientAuthenticator::credentials(const http::Request& request, const BodyParameters& body) {
  TRY(std::optional<ClientCredentials> basic, presented_by_basic(request));
  TRY(std::optional<ClientCredentials> post, presented_by_post(body));
  TRY(std::optional<ClientCredentials> assertion, presented_by_assertion(body));
  if ((basic ? 1 : 0) + (post ? 1 : 0) + (assertion ? 1 : 0) > 1)
    return OAuthError{OAuthErrc::invalid_request, "More than one client authentication method was used."};
  if (basic) {
    if (const std::optional<std::string_view> client_id = body.get("client_id"); client_id && *client_id != basic->client.str())
      return OAuthError{OAuthErrc::invalid_request, "client_id differs from the one in the Authorization header."};
    return std::move(*basic);
  }
  if (post) return std::move(*post);
  if (assertion) return std::move(*assertion);
  TRY(std::optional<ClientCredentials> none, presented_by_none(body));
  if (!none) return OAuthError{OAuthErrc::invalid_request, "Missing required parameter: client_id"};
  return std::move(*none);
}

Result<AuthenticatedClient> ClientAuthenticator::authenticate(const http::Request& request, const BodyParameters& body,
                                                              const model::Tenant& tenant) const {
  TRY(const ClientCredentials presented, credentials(request, body));
  TRY(std::shared_ptr<const model::Client> client, clients_.find(tenant.id, presented.client));
  if (!client || client->global) {
    // As long as for a client that exists: one comparison with something.
    (void)crypto::constant_time_equal(crypto::sha256(presented.secret.reveal()), crypto::sha256(tenant.issuer));
    return unauthorized("unknown client");
  }
  // A client is held to its own method; the two ways to send a secret are one (SDKs choose by themselves).
  const TokenEndpointAuthMethod own = client->auth_method;
  const bool fits = own == presented.method || (by_secret(own) && by_secret(presented.method)) ||
                    (own == TokenEndpointAuthMethod::none && by_secret(presented.method));
  if (!fits) {
    return unauthorized("wrong authentication method: sent " + std::string(name_of(presented.method)) + ", the client is registered for " +
                        std::string(name_of(own)));
  }
  if (by_secret(presented.method)) TRY_VOID(check_secret(*client, presented));
  if (presented.method == TokenEndpointAuthMethod::private_key_jwt) TRY_VOID(check_assertion(*client, presented, tenant));
  return AuthenticatedClient{std::move(client), own == TokenEndpointAuthMethod::none ? own : presented.method};
}

Result<void> ClientAuthenticator::check_secret(const model::Client& client, const ClientCredentials& presented) const {
  TRY(const SecretString secret, clients_.secret(client));
  if (secret.empty()) return unauthorized("the client has no secret");
  if (crypto::constant_time_equal(secret.reveal(), presented.secret.reveal())) return {};
  const std::string digest = hex_encode(crypto::sha256(presented.secret.reveal()));
  const std::vector<std::string> rotated = get_strings(client.properties, model::ClientStore::rotated_secrets_property);
  if (std::find(rotated.begin(), rotated.end(), digest) != rotated.end())
    return unauthorized("a rotated client secret: the application still uses an old one");
  return unauthorized("wrong client secret");
}

Result<void> ClientAuthenticator::check_assertion(const model::Client& client, const ClientCredentials& presented,
                                                  const model::Tenant& tenant) const {
  const Timestamp now = clock_.now();
  TRY(const AssertionUse use, verify_assertion(client, presented.assertion, tenant, now));
  return db_.write([&](storage::Transaction& tx) -> Result<void> {
    TRY(const bool fresh, used_jtis_.use(tx, tenant.id, client.id, use.jti, use.expires_at));
    if (!fresh)
      return OAuthError{OAuthErrc::invalid_client, "Client assertion is not valid.", "its jti was used before",
                        "private_key_jwt: jti replayed"};
    return {};
  });
}

}  // namespace gatehouse::oauth
