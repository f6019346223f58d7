#include "management/authentication.h"

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "jose/jwt.h"

namespace gatehouse::management {
namespace {

/// Clocks of nodes differ a little.
constexpr int64_t leeway_seconds = 5;
constexpr size_t most_known = 256;  // tokens; of all scopes 20 kB each
constexpr auto bad_signature = "Invalid signature received for JSON Web Token validation";

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

/// What a token with a genuine signature says.
struct Authenticator::Token {
  std::string kid;
  std::string issuer;
  std::vector<std::string> audiences;
  std::string audience_text;  ///< for the complaint about it
  std::optional<int64_t> expires, not_before;
  Caller caller;
};

/// A digest is as random as a hash need be.
size_t Authenticator::DigestHash::operator()(const std::string& digest) const {
  size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

/// The token, with a genuine signature by a key that is not revoked.
ApiResult<std::shared_ptr<const Authenticator::Token>> Authenticator::read(const TenantId& tenant, std::string_view text) const {
  const Result<jose::ParsedJwt> jwt = jose::ParsedJwt::parse(text);
  if (!jwt) return refused("Invalid token");
  const std::string_view type = get_string(jwt->header, "typ").value_or("JWT");
  if (type != "JWT" && type != "at+jwt") return refused("Invalid token");
  TRY(const std::optional<jose::PublicKey> key, keys_.find(tenant, jwt->kid));
  if (!key || !jose::verify_signature(*jwt, *key)) return refused(bad_signature);

  const json::object& claims = jwt->claims;
  Token token{.kid = jwt->kid,
              .issuer = std::string(get_string(claims, "iss").value_or("")),
              .audiences = jose::audiences(claims),
              .audience_text = audience_text(claims.if_contains("aud")),
              .expires = get_int(claims, "exp"),
              .not_before = get_int(claims, "nbf"),
              .caller = {}};
  Caller& caller = token.caller;
  caller.tenant = tenant;
  caller.subject = get_string(claims, "sub").value_or("");
  caller.client = ClientId(std::string(get_string(claims, "azp").value_or(get_string(claims, "client_id").value_or(""))));
  if (!caller.subject.ends_with("@clients")) caller.user = UserId(caller.subject);
  for (const std::string_view scope : split(get_string(claims, "scope").value_or(""), ' ')) caller.scopes.emplace(scope);
  return std::shared_ptr<const Token>(std::make_shared<Token>(std::move(token)));
}

ApiResult<std::shared_ptr<const Caller>> Authenticator::authenticate(const http::Request& request, Timestamp now) const {
  const std::string_view text = bearer_token(request);
  if (text.empty()) return refused("Missing authentication");

  const std::string digest = crypto::sha256(text);
  std::shared_ptr<const Token> token;
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = known_.find(digest); known != known_.end()) token = known->second;
  }
  // Keys are a tenant's own, so a signature is genuine for the tenant it was verified for.
  const bool remembered = token && token->caller.tenant == request.tenant;
  if (remembered) {
    TRY(const std::optional<jose::PublicKey> key, keys_.find(request.tenant, token->kid));
    if (!key) return refused(bad_signature);
  } else {
    TRY(token, read(request.tenant, text));
  }

  if (token->issuer != request.issuer) return refused("Invalid issuer");
  if (std::find(token->audiences.begin(), token->audiences.end(), request.issuer + "api/v2/") == token->audiences.end())
    return refused("Bad audience: " + token->audience_text);
  if (!token->expires) return refused("Invalid token");
  if (*token->expires + leeway_seconds <= to_unix_seconds(now)) return refused("Expired token received for JSON Web Token validation");
  if (token->not_before && *token->not_before > to_unix_seconds(now) + leeway_seconds) return refused("Invalid token");

  if (!remembered) {
    const std::lock_guard lock(mutex_);
    if (known_.size() >= most_known) known_.clear();
    known_.insert_or_assign(digest, token);
  }
  return std::shared_ptr<const Caller>(token, &token->caller);
}

}  // namespace gatehouse::management
