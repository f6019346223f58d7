#include "management/authentication.h"

#include "base/encoding.h"
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

bool names_audience(const json::value* audience, std::string_view wanted) {
  if (!audience) return false;
  if (audience->is_string()) return std::string_view(audience->get_string()) == wanted;
  if (!audience->is_array()) return false;
  return std::any_of(audience->get_array().begin(), audience->get_array().end(),
                     [&](const json::value& one) { return one.is_string() && std::string_view(one.get_string()) == wanted; });
}

std::string audience_text(const json::value* audience) {
  if (!audience) return "undefined";
  if (audience->is_string()) return std::string(std::string_view(audience->get_string()));
  return json::serialize(*audience);
}

std::set<std::string, std::less<>> words(std::string_view text) {
  std::set<std::string, std::less<>> found;
  while (!text.empty()) {
    const size_t end = text.find(' ');
    if (end != 0) found.emplace(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return found;
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
  if (const json::value* audience = jwt->claims.if_contains("aud"); !names_audience(audience, request.issuer + "api/v2/"))
    return refused("Bad audience: " + audience_text(audience));
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
  caller.scopes = words(get_string(jwt->claims, "scope").value_or(""));
  return caller;
}

}  // namespace gatehouse::management
