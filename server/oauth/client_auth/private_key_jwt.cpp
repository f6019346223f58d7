#include <algorithm>

#include "jose/jwt.h"
#include "oauth/client_auth/client_auth.h"

namespace gatehouse::oauth {
namespace {

constexpr std::string_view kType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr size_t kMaxJti = 64;
constexpr seconds kSkew{10};          ///< tolerated for iat and nbf
constexpr seconds kMaxLifetime{600};  ///< an assertion that lives longer is a password

OAuthError refused(std::string why) {
  return OAuthError{OAuthErrc::invalid_client, "Client assertion is not valid.", why, "private_key_jwt: " + why};
}

}  // namespace

/// client_assertion with client_assertion_type (RFC 7523 §2.2). The client is the assertion's `sub`; client_id may be left out.
Result<std::optional<ClientCredentials>> presented_by_assertion(const BodyParameters& body) {
  const std::optional<std::string_view> assertion = body.get("client_assertion");
  const std::optional<std::string_view> type = body.get("client_assertion_type");
  if (!assertion && !type) return std::optional<ClientCredentials>{};
  if (!assertion) return OAuthError{OAuthErrc::invalid_request, "Missing required parameter: client_assertion"};
  if (!type) return OAuthError{OAuthErrc::invalid_request, "Missing required parameter: client_assertion_type"};
  if (*type != kType) return OAuthError{OAuthErrc::invalid_request, "Unsupported client_assertion_type."};
  const gatehouse::Result<jose::ParsedJwt> jwt = jose::ParsedJwt::parse(*assertion);
  if (!jwt) return refused("it is not a JWT");
  const std::optional<std::string_view> subject = get_string(jwt->claims, "sub");
  if (!subject || subject->empty()) return refused("it has no sub");
  if (const std::optional<std::string_view> client_id = body.get("client_id"); client_id && *client_id != *subject)
    return refused("client_id and sub differ");
  ClientCredentials credentials;
  credentials.method = model::TokenEndpointAuthMethod::private_key_jwt;
  credentials.client = ClientId(std::string(*subject));
  credentials.assertion = std::string(*assertion);
  return std::optional<ClientCredentials>(std::move(credentials));
}

Result<AssertionUse> verify_assertion(const model::Client& client, std::string_view assertion, const model::Tenant& tenant, Timestamp now) {
  const gatehouse::Result<jose::ParsedJwt> jwt = jose::ParsedJwt::parse(assertion);
  if (!jwt) return refused("it is not a JWT");
  const json::object& claims = jwt->claims;

  // `kid` is only a lookup; without one every registered key is tried, each under its own algorithm.
  const bool signed_by_client =
      std::any_of(client.credentials.begin(), client.credentials.end(), [&](const model::ClientCredential& credential) {
        if (credential.expires_at && *credential.expires_at <= now) return false;
        if (!jwt->kid.empty() && jwt->kid != credential.kid) return false;
        return jose::verify_signature(*jwt, credential.key);
      });
  if (!signed_by_client) return refused("no registered key fits its signature");
  if (get_string(claims, "iss") != client.id.str() || get_string(claims, "sub") != client.id.str())
    return refused("iss and sub must be the client_id");

  const std::vector<std::string> aud = jose::audiences(claims);
  const std::string token_endpoint = tenant.issuer + "oauth/token";
  if (std::none_of(aud.begin(), aud.end(), [&](const std::string& a) { return a == tenant.issuer || a == token_endpoint; }))
    return refused("aud must be " + tenant.issuer);

  const int64_t at = to_unix_seconds(now);
  const std::optional<int64_t> exp = get_int(claims, "exp");
  if (!exp) return refused("it has no exp");
  if (*exp <= at) return refused("it has expired");
  if (*exp > at + kMaxLifetime.count()) return refused("exp is too far away");
  for (const std::string_view name : {"iat", "nbf"}) {
    if (!claims.contains(name)) continue;
    const std::optional<int64_t> value = get_int(claims, name);
    if (!value || *value > at + kSkew.count()) return refused(std::string(name) + " is in the future");
  }
  const std::optional<std::string_view> jti = get_string(claims, "jti");
  if (!jti || jti->empty() || jti->size() > kMaxJti) return refused("jti must be a string of 1 to 64 characters");
  return AssertionUse{std::string(*jti), from_micros((*exp + 1) * 1'000'000)};
}

}  // namespace gatehouse::oauth
