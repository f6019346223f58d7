#include "oauth/tokens/issuer.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json_text.h"
#include "crypto/crypto.h"
#include "jose/jwt.h"
#include "model/transactions/transaction_store.h"
#include "oauth/tokens/claims.h"

namespace gatehouse::oauth {
namespace {

constexpr seconds kUserinfoLifetime{86'400};

/// Left half of the digest that goes with the ID token's algorithm (OpenID Connect Core §3.3.2.11).
std::string half_hash(std::string_view value, std::string_view algorithm) {
  const crypto::Digest digest = algorithm.ends_with("512")   ? crypto::Digest::sha512
                                : algorithm.ends_with("384") ? crypto::Digest::sha384
                                                             : crypto::Digest::sha256;
  const std::string full = crypto::digest(digest, value);
  return base64url_encode(std::string_view(full).substr(0, full.size() / 2));
}

}  // namespace

Result<std::string> Issuer::sign(const model::Tenant& tenant, jose::Algorithm algorithm, std::string_view typ,
                                 std::string_view claims) const {
  TRY(const std::shared_ptr<const model::SigningKey> key, keys_.current(tenant.id, algorithm));
  return jose::sign_jwt_text(key->key, key->kid, typ, claims);
}

Result<AccessToken> Issuer::access_token(const AccessTokenSpec& spec) const {
  const int64_t now = to_unix_seconds(spec.now);
  std::string text;
  text.reserve(512);
  JsonObjectText claims(text);
  claims.add("iss", spec.tenant.issuer).add("sub", spec.subject);
  if (!spec.api) {
    claims.add_list("aud", std::array{userinfo_audience(spec.tenant)}).add("iat", now).add("exp", now + kUserinfoLifetime.count());
    if (!spec.scopes.empty()) claims.add("scope", spec.scopes.to_string());
    claims.add("azp", spec.client.id.str()).close();
    TRY(const std::shared_ptr<const model::SymmetricKey> key,
        keys_.current_secret(spec.tenant.id, model::SecretPurpose::opaque_access_token));
    return AccessToken{jose::encrypt_jwe(key->bytes.reveal(), key->kid, spec.tenant.issuer, text), kUserinfoLifetime};
  }

  const model::ResourceServer& api = *spec.api;
  const std::optional<jose::Algorithm> algorithm = jose::parse_algorithm(api.signing_alg);
  if (!algorithm) return OAuthError{OAuthErrc::server_error, "Internal error.", {}, "unknown signing_alg of API " + api.identifier};
  const seconds lifetime = spec.from_browser ? std::min(api.token_lifetime_for_web, api.token_lifetime) : api.token_lifetime;
  // Auth0 adds /userinfo where openid was granted, but only to tokens that /userinfo could verify with a public key.
  if (spec.scopes.contains("openid") && !jose::is_symmetric(*algorithm))
    claims.add_list("aud", std::array{api.identifier, userinfo_audience(spec.tenant)});
  else
    claims.add("aud", api.identifier);
  claims.add("iat", now).add("exp", now + lifetime.count());
  if (!spec.scopes.empty()) claims.add("scope", spec.scopes.to_string());
  const bool rfc9068 = api.token_dialect.starts_with("rfc9068");
  if (rfc9068) {
    claims.add("client_id", spec.client.id.str()).add("jti", random_.base64url(16));
    if (spec.authenticated_at) claims.add("auth_time", to_unix_seconds(*spec.authenticated_at));
  } else {
    if (!spec.gty.empty()) claims.add("gty", spec.gty);
    claims.add("azp", spec.client.id.str());
  }
  if (spec.permissions) claims.add_list("permissions", *spec.permissions);
  if (spec.second_factor_shown && api.identifier == mfa_audience(spec.tenant)) claims.add_list("amr", std::array{"mfa"});
  claims.close();

  const std::string_view typ = rfc9068 ? "at+jwt" : "JWT";
  if (jose::is_symmetric(*algorithm)) {
    TRY(const SecretString secret, apis_.signing_secret(api));
    if (secret.empty()) return OAuthError{OAuthErrc::server_error, "Internal error.", {}, "no signing secret of API " + api.identifier};
    return AccessToken{jose::sign_jwt_hs_text(*algorithm, secret.reveal(), typ, text), lifetime};
  }
  TRY(std::string token, sign(spec.tenant, *algorithm, typ, text));
  return AccessToken{std::move(token), lifetime};
}

Result<std::string> Issuer::id_token(const IdTokenSpec& spec) const {
  const int64_t now = to_unix_seconds(spec.now);
  json::object claims = scope_claims(spec.user, spec.scopes);
  claims["iss"] = spec.tenant.issuer;
  claims["aud"] = spec.client.id.str();
  claims["sub"] = spec.user.id.str();
  claims["iat"] = now;
  claims["exp"] = now + spec.client.id_token_lifetime.count();
  if (spec.session) claims["sid"] = spec.session->str();
  if (!spec.nonce.empty()) claims["nonce"] = spec.nonce;
  if (spec.authenticated_at) claims["auth_time"] = to_unix_seconds(*spec.authenticated_at);
  // As Auth0: amr speaks only of a second factor.
  if (std::find(spec.amr.begin(), spec.amr.end(), "mfa") != spec.amr.end()) {
    claims["amr"] = json::array{"mfa"};
    claims["acr"] = model::kMultiFactorAcr;
  }
  if (!spec.access_token.empty()) claims["at_hash"] = half_hash(spec.access_token, spec.client.id_token_alg);
  if (!spec.code.empty()) claims["c_hash"] = half_hash(spec.code, spec.client.id_token_alg);

  const std::optional<jose::Algorithm> algorithm = jose::parse_algorithm(spec.client.id_token_alg);
  if (!algorithm)
    return OAuthError{OAuthErrc::server_error, "Internal error.", {}, "unknown ID token algorithm of client " + spec.client.id.str()};
  if (!jose::is_symmetric(*algorithm)) return sign(spec.tenant, *algorithm, "JWT", json::serialize(claims));
  TRY(const SecretString secret, clients_.secret(spec.client));
  if (secret.empty())
    return OAuthError{OAuthErrc::server_error, "Internal error.", {}, "no client secret to sign with: " + spec.client.id.str()};
  return jose::sign_jwt_hs(*algorithm, secret.reveal(), "JWT", claims);
}

}  // namespace gatehouse::oauth
