#include "management/authentication.h"

#include "base/encoding.h"
#include "base/text.h"
#include "jose/jwt.h"

namespace gatehouse::management {
namespace {

/// Clocks of nodes differ a little.
constexpr int64_t leeway_seconds = 5;

ApiError refused(std::string message) { return ApiError(ApiErrc::unauthorized, std::move(message)); }

/// The token, or an empty text. The scheme compares without case (RFC 9110 §11.1).
std::string_view bearer_token(const http::Request& request) {
  const std::string_view header = request.header("authorization").value_or("");
  constexpr std::string_view scheme = "bearer ";
  if (header.size() <= scheme.size() || to_lower_ascii(header.substr(0, scheme.size())) != scheme) return {};
  std::string_view token = header.substr(scheme.size());
  while (token.starts_with(' ')) token.remove_prefix(1);
  return token;
}

std::string audience_text(const json::value* audience) {
  if (!audience) return "undefined";
  if (audience->is_string()) return std::string(std::string_view(audience->get_string()));
  return json::serialize(*audience);
}

}  // namespace

ApiResult<Caller> authenticate(const http::Request& request, const VerificationKeys& keys, Timestamp now) {
  const std::string_view token = bearer_token(request);
  if (token.empty()) return refused("Missing authentication");
  const Result<jose::ParsedJwt> jwt = jose::ParsedJwt::parse(token);
  if (!jwt) return refused("Invalid token");

  const std::string_view type = get_string(jwt->header, "typ").value_or("JWT");
  if (type != "JWT" && type != "at+jwt") return refused("Invalid token");
  TRY(const std::optional<jose::PublicKey> key, keys.find(request.tenant, jwt->kid));
  if (!key || !jose::verify_signature(*jwt, *key)) return refused("Invalid signature received for JSON Web Token validation");
  if (get_string(jwt->claims, "iss") != request.issuer) return refused("Invalid issuer");
  const std::vector<std::string> audiences = jose::audiences(jwt->claims);
  if (std::find(audiences.begin(), audiences.end(), request.issuer + "api/v2/") == audiences.end())
    return refused("Bad audience: " + audience_text(jwt->claims.if_contains("aud")));
  const std::optional<int64_t> expires = get_int(jwt->claims, "exp");
  if (!expires) return refused("Invalid token");
  if (*expires + leeway_seconds <= to_unix_seconds(now)) return refused("Expired token received for JSON Web Token validation");
  if (const auto not_before = get_int(jwt->claims, "nbf"); not_before && *not_before > to_unix_seconds(now) + leeway_seconds)
    return refused("Invalid token");

  Caller caller;
  caller.tenant = request.tenant;
  caller.subject = get_string(jwt->claims, "sub").value_or("");
  caller.client = ClientId(std::string(get_string(jwt->claims, "azp").value_or(get_string(jwt->claims, "client_id").value_or(""))));
  if (!caller.subject.ends_with("@clients")) caller.user = UserId(caller.subject);
  for (const std::string_view scope : split(get_string(jwt->claims, "scope").value_or(""), ' ')) caller.scopes.emplace(scope);
  return caller;
}

}  // namespace gatehouse::management
