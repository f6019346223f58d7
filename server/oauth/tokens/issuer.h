#pragma once
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "model/clients/client_store.h"
#include "model/keys/key_ring.h"
#include "model/resource_servers/resource_server_store.h"
#include "model/tenants/tenant_store.h"
#include "model/users/user.h"
#include "oauth/oauth_error.h"
#include "oauth/tokens/scopes.h"

namespace gatehouse::oauth {

/// What an access token says. `api` null: only /userinfo can read it.
struct AccessTokenSpec {
  const model::Tenant& tenant;
  const model::Client& client;
  const model::ResourceServer* api = nullptr;
  std::string subject;
  Scopes scopes;
  std::optional<std::vector<std::string>> permissions{};  ///< the claim, where the API wants it
  std::string_view gty{};                                 ///< client-credentials, password; empty: none
  bool second_factor_shown = false;                       ///< told to the MFA API, which wants to know
  bool from_browser = false;                              ///< from /authorize itself: token_lifetime_for_web
  std::optional<Timestamp> authenticated_at{};            ///< RFC 9068 profile only
  Timestamp now{};
};
struct AccessToken {
  std::string value;
  seconds lifetime{};
};

/// What an ID token says (OpenID Connect Core §2).
struct IdTokenSpec {
  const model::Tenant& tenant;
  const model::Client& client;
  const model::User& user;
  Scopes scopes;
  std::string nonce{};
  std::optional<SessionId> session{};
  std::optional<Timestamp> authenticated_at{};  ///< set when auth_time is due
  std::vector<std::string> amr{};
  std::string_view access_token{};  ///< for at_hash (hybrid and implicit); empty: none
  std::string_view code{};          ///< for c_hash
  Timestamp now{};
};

/// Mints tokens. No database but cached keys and secrets; one signature a token.
class Issuer {
 public:
  Issuer(const model::KeyRing& keys, const model::ClientStore& clients, const model::ResourceServerStore& apis, crypto::Random& random)
      : keys_(keys), clients_(clients), apis_(apis), random_(random) {}

  /// A JWT for a registered API with its signing_alg and dialect; without an API a JWE that only /userinfo opens.
  [[nodiscard]] Result<AccessToken> access_token(const AccessTokenSpec& spec) const;
  [[nodiscard]] Result<std::string> id_token(const IdTokenSpec& spec) const;

 private:
  [[nodiscard]] Result<std::string> sign(const model::Tenant& tenant, jose::Algorithm algorithm, std::string_view typ,
                                         std::string_view claims) const;
  const model::KeyRing& keys_;
  const model::ClientStore& clients_;
  const model::ResourceServerStore& apis_;
  crypto::Random& random_;
};

/// Audience of tokens that the MFA API takes.
inline std::string mfa_audience(const model::Tenant& tenant) { return tenant.issuer + "mfa/"; }
/// Audience of tokens that /userinfo takes.
inline std::string userinfo_audience(const model::Tenant& tenant) { return tenant.issuer + "userinfo"; }

}  // namespace gatehouse::oauth
