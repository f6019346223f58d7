#include "oauth/tokens/verifier.h"

#include <algorithm>

#include "jose/jwt.h"
#include "oauth/tokens/issuer.h"

namespace gatehouse::oauth {
namespace {

OAuthError invalid_token(std::string why) {
  return OAuthError{OAuthErrc::invalid_token, "The access token is invalid or has expired.", {}, std::move(why)};
}

Result<UserinfoToken> from_claims(const json::object& claims, const model::Tenant& tenant, Timestamp now) {
  const std::vector<std::string> aud = jose::audiences(claims);
  if (get_string(claims, "iss") != tenant.issuer) return invalid_token("wrong issuer");
  if (std::find(aud.begin(), aud.end(), userinfo_audience(tenant)) == aud.end()) return invalid_token("/userinfo is not in its audience");
  if (get_int(claims, "exp").value_or(0) <= to_unix_seconds(now)) return invalid_token("expired");
  const std::string_view client = get_string(claims, "azp").value_or(get_string(claims, "client_id").value_or(""));
  return UserinfoToken{std::string(get_string(claims, "sub").value_or("")), ClientId(std::string(client)),
                       Scopes::parse(get_string(claims, "scope").value_or(""))};
}

}  // namespace

Result<UserinfoToken> TokenVerifier::userinfo_token(const model::Tenant& tenant, std::string_view token) const {
  const auto dots = std::count(token.begin(), token.end(), '.');
  if (dots == 4) {
    const gatehouse::Result<jose::ParsedJwe> jwe = jose::ParsedJwe::parse(token);
    if (!jwe) return invalid_token("not a JWE: " + jwe.error().message);
    TRY(const std::shared_ptr<const model::SymmetricKey> key,
        keys_.find_secret(tenant.id, model::SecretPurpose::opaque_access_token, jwe->kid));
    if (!key) return invalid_token("unknown key");
    const gatehouse::Result<std::string> plaintext = jose::decrypt_jwe(key->bytes.reveal(), *jwe);
    if (!plaintext) return invalid_token("does not decrypt");
    const gatehouse::Result<json::value> claims = parse_json(*plaintext);
    if (!claims || !claims->is_object()) return invalid_token("no claims");
    return from_claims(claims->as_object(), tenant, clock_.now());
  }
  const gatehouse::Result<jose::ParsedJwt> jwt = jose::ParsedJwt::parse(token);
  if (!jwt) return invalid_token("not a JWT: " + jwt.error().message);
  TRY(const std::optional<jose::PublicKey> key, keys_.find_public(tenant.id, jwt->kid));
  if (!key || !jose::verify_signature(*jwt, *key)) return invalid_token("signature");
  return from_claims(jwt->claims, tenant, clock_.now());
}

Result<TokenVerifier::MfaApiToken> TokenVerifier::mfa_api_token(const model::Tenant& tenant, std::string_view token) const {
  const gatehouse::Result<jose::ParsedJwt> jwt = jose::ParsedJwt::parse(token);
  if (!jwt) return invalid_token("not a JWT: " + jwt.error().message);
  TRY(const std::optional<jose::PublicKey> key, keys_.find_public(tenant.id, jwt->kid));
  if (!key || !jose::verify_signature(*jwt, *key)) return invalid_token("signature");
  const std::vector<std::string> aud = jose::audiences(jwt->claims);
  const int64_t end = get_int(jwt->claims, "exp").value_or(0);
  if (get_string(jwt->claims, "iss") != tenant.issuer) return invalid_token("wrong issuer");
  if (std::find(aud.begin(), aud.end(), mfa_audience(tenant)) == aud.end()) return invalid_token("the MFA API is not in its audience");
  if (end <= to_unix_seconds(clock_.now())) return invalid_token("expired");
  const std::vector<std::string> amr = get_strings(jwt->claims, "amr");
  return MfaApiToken{.subject = std::string(get_string(jwt->claims, "sub").value_or("")),
                     .client = ClientId(std::string(get_string(jwt->claims, "azp").value_or(""))),
                     .scopes = Scopes::parse(get_string(jwt->claims, "scope").value_or("")),
                     .second_factor_shown = std::find(amr.begin(), amr.end(), "mfa") != amr.end(),
                     .expires_at = Timestamp(seconds(end))};
}

Result<IdTokenHint> TokenVerifier::id_token_hint(const model::Tenant& tenant, std::string_view token) const {
  const auto invalid = [](std::string why) { return OAuthError{OAuthErrc::invalid_request, "Invalid id_token_hint.", {}, std::move(why)}; };
  const gatehouse::Result<jose::ParsedJwt> jwt = jose::ParsedJwt::parse(token);
  if (!jwt) return invalid(jwt.error().message);
  const json::object& claims = jwt->claims;
  const json::value* aud = claims.if_contains("aud");
  if (!aud || !aud->is_string()) return invalid("aud is no client");
  const ClientId client_id{std::string(aud->as_string())};
  TRY(const std::shared_ptr<const model::Client> client, clients_.find(tenant.id, client_id));
  if (!client) return invalid("unknown client");
  const std::optional<jose::Algorithm> algorithm = jose::parse_algorithm(client->id_token_alg);
  if (!algorithm) return invalid("algorithm");
  if (jose::is_symmetric(*algorithm)) {
    TRY(const SecretString secret, clients_.secret(*client));
    if (secret.empty() || !jose::verify_signature_hs(*jwt, *algorithm, secret.reveal())) return invalid("signature");
  } else {
    TRY(const std::optional<jose::PublicKey> key, keys_.find_public(tenant.id, jwt->kid));
    if (!key || !jose::verify_signature(*jwt, *key)) return invalid("signature");
  }
  if (get_string(claims, "iss") != tenant.issuer) return invalid("wrong issuer");
  IdTokenHint hint{std::string(get_string(claims, "sub").value_or("")), client_id, std::nullopt};
  if (const std::optional<std::string_view> sid = get_string(claims, "sid")) hint.session = SessionId(std::string(*sid));
  return hint;
}

}  // namespace gatehouse::oauth
