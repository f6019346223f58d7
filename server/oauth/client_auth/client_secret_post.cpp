#include "oauth/client_auth/client_auth.h"

namespace gatehouse::oauth {

/// client_id and client_secret in the body (RFC 6749 §2.3.1).
Result<std::optional<ClientCredentials>> presented_by_post(const BodyParameters& body) {
  const std::optional<std::string_view> secret = body.get("client_secret");
  if (!secret) return std::optional<ClientCredentials>{};
  const std::optional<std::string_view> client_id = body.get("client_id");
  if (!client_id) return OAuthError{OAuthErrc::invalid_request, "Missing required parameter: client_id"};
  ClientCredentials credentials;
  credentials.method = model::TokenEndpointAuthMethod::client_secret_post;
  credentials.client = ClientId(std::string(*client_id));
  credentials.secret = SecretString(std::string(*secret));
  return std::optional<ClientCredentials>(std::move(credentials));
}

}  // namespace gatehouse::oauth
