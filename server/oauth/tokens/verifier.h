#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "model/clients/client_store.h"
#include "model/keys/key_ring.h"
#include "model/tenants/tenant_store.h"
#include "oauth/oauth_error.h"
#include "oauth/tokens/scopes.h"

namespace gatehouse::oauth {

/// An access token that /userinfo may be read with.
struct UserinfoToken {
  std::string subject;
  ClientId client;
  Scopes scopes;
};

/// An ID token that this server issued, maybe expired: a hint of who somebody is (OpenID Connect Core §3.1.2.1).
struct IdTokenHint {
  std::string subject;
  ClientId client;
  std::optional<SessionId> session;
};

/// Reads our own tokens back. Signature under exactly the key's algorithm, `iss`, `aud`, `exp`, and the kind of token are checked: an ID
/// token never serves as an access token.
class TokenVerifier {
 public:
  TokenVerifier(const model::KeyRing& keys, const model::ClientStore& clients, const Clock& clock)
      : keys_(keys), clients_(clients), clock_(clock) {}
  /// Opaque or JWT, with /userinfo in its audience. Errors: invalid_token.
  [[nodiscard]] Result<UserinfoToken> userinfo_token(const model::Tenant& tenant, std::string_view token) const;
  /// A JWT for the MFA API. Errors: invalid_token.
  struct MfaApiToken {
    std::string subject;
    ClientId client;
    Scopes scopes;
    bool second_factor_shown = false;
    Timestamp expires_at{};
  };
  [[nodiscard]] Result<MfaApiToken> mfa_api_token(const model::Tenant& tenant, std::string_view token) const;
  /// Errors: invalid_request.
  [[nodiscard]] Result<IdTokenHint> id_token_hint(const model::Tenant& tenant, std::string_view token) const;

 private:
  const model::KeyRing& keys_;
  const model::ClientStore& clients_;
  const Clock& clock_;
};

}  // namespace gatehouse::oauth
