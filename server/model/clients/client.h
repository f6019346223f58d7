#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/secret_string.h"
#include "jose/jwk.h"

namespace gatehouse::model {

/// How a client proves itself at the token endpoint (RFC 7591 §2).
enum class TokenEndpointAuthMethod { none, client_secret_post, client_secret_basic, private_key_jwt };

/// What an application's refresh tokens do.
struct RefreshTokenPolicy {
  bool rotating = false;
  bool expiring = false;
  seconds leeway{0};                  ///< how long the token before the current one is still answered
  seconds token_lifetime{2'592'000};  ///< absolute
  seconds idle_token_lifetime{1'296'000};
  bool infinite_token_lifetime = true;
  bool infinite_idle_token_lifetime = true;
};

/// A public key a client registered for private_key_jwt.
struct ClientCredential {
  std::string id;  ///< cred_…
  std::string kid;
  jose::PublicKey key;
  std::optional<Timestamp> expires_at;
};

/// An application, read once into types. `properties` are all its Auth0-shaped properties (secrets sealed).
struct Client {
  ClientId id;
  TenantId tenant;
  std::string name;
  std::string app_type;       ///< regular_web, spa, native, non_interactive, … or empty
  std::string sealed_secret;  ///< opened by ClientStore::secret(); empty: none
  TokenEndpointAuthMethod auth_method = TokenEndpointAuthMethod::client_secret_post;
  std::vector<ClientCredential> credentials;
  std::vector<std::string> grant_types;
  std::vector<std::string> callbacks;
  std::vector<std::string> allowed_logout_urls;
  std::vector<std::string> web_origins;
  std::vector<std::string> allowed_origins;
  std::string initiate_login_uri;
  std::string logo_uri;
  bool is_first_party = true;
  bool global = false;
  bool skip_callback_confirmation = false;  ///< skip_non_verifiable_callback_uri_confirmation_prompt
  std::string id_token_alg = "RS256";       ///< jwt_configuration.alg
  seconds id_token_lifetime{36'000};
  RefreshTokenPolicy refresh_token;
  json::object properties;

  [[nodiscard]] bool is_public() const { return auth_method == TokenEndpointAuthMethod::none; }
  [[nodiscard]] bool allows_grant(std::string_view grant_type) const;
};

}  // namespace gatehouse::model
