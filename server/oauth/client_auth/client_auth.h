#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret_string.h"
#include "crypto/random.h"
#include "model/clients/client_store.h"
#include "model/tenants/tenant_store.h"
#include "model/used_jtis/used_jti_store.h"
#include "oauth/oauth_error.h"
#include "oauth/parameters.h"
#include "storage/database.h"

namespace gatehouse::oauth {

/// What a request carries to prove which client sent it, before anything is checked.
struct ClientCredentials {
  model::TokenEndpointAuthMethod method = model::TokenEndpointAuthMethod::none;
  ClientId client;
  SecretString secret{};    ///< client_secret_basic, client_secret_post
  std::string assertion{};  ///< private_key_jwt
};

/// A client that proved itself (or, being public, said who it is).
struct AuthenticatedClient {
  std::shared_ptr<const model::Client> client;
  model::TokenEndpointAuthMethod method = model::TokenEndpointAuthMethod::none;
};

// One file a method. presented_by_* say whether a request uses the method: nullopt if not; errors: invalid_request.
Result<std::optional<ClientCredentials>> presented_by_basic(const http::Request& request);    // client_secret_basic.cpp
Result<std::optional<ClientCredentials>> presented_by_post(const BodyParameters& body);       // client_secret_post.cpp
Result<std::optional<ClientCredentials>> presented_by_assertion(const BodyParameters& body);  // private_key_jwt.cpp
Result<std::optional<ClientCredentials>> presented_by_none(const BodyParameters& body);       // none.cpp
/// Checks a client assertion (RFC 7523 §3) but for its single use. Returns its jti and end. Errors: invalid_client.
struct AssertionUse {
  std::string jti;
  Timestamp expires_at;
};
Result<AssertionUse> verify_assertion(const model::Client& client, std::string_view assertion, const model::Tenant& tenant, Timestamp now);

/// Client authentication (RFC 6749 §2.3): exactly one method a request, constant-time comparison, one neutral answer for unknown
/// clients and wrong secrets; the log says which it was.
class ClientAuthenticator {
 public:
  ClientAuthenticator(storage::Database& db, const model::ClientStore& clients, const Clock& clock)
      : db_(db), clients_(clients), clock_(clock) {}
  /// Which credentials the request carries; a point read at worst, no checks.
  static Result<ClientCredentials> credentials(const http::Request& request, const BodyParameters& body);
  /// Errors: access_denied_unauthenticated (401, "Unauthorized"), invalid_client, invalid_request. Writes a row for private_key_jwt.
  [[nodiscard]] Result<AuthenticatedClient> authenticate(const http::Request& request, const BodyParameters& body,
                                                         const model::Tenant& tenant) const;

 private:
  [[nodiscard]] Result<void> check_secret(const model::Client& client, const ClientCredentials& presented) const;
  [[nodiscard]] Result<void> check_assertion(const model::Client& client, const ClientCredentials& presented,
                                             const model::Tenant& tenant) const;
  storage::Database& db_;
  const model::ClientStore& clients_;
  const Clock& clock_;
  const model::UsedJtiStore used_jtis_{};
};

}  // namespace gatehouse::oauth
