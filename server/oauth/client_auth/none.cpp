#include "oauth/client_auth/client_auth.h"

namespace gatehouse::oauth {

/// A public client only says who it is (RFC 6749 §3.2.1); PKCE and rotation protect its tokens.
Result<std::optional<ClientCredentials>> presented_by_none(const BodyParameters& body) {
  const std::optional<std::string_view> client_id = body.get("client_id");
  if (!client_id) return std::optional<ClientCredentials>{};
  ClientCredentials credentials;
  credentials.client = ClientId(std::string(*client_id));
  return std::optional<ClientCredentials>(std::move(credentials));
}

}  // namespace gatehouse::oauth
