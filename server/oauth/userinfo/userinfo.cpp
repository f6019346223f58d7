#include "oauth/userinfo/userinfo.h"

#include "base/encoding.h"
#include "base/json_text.h"
#include "oauth/cors.h"
#include "oauth/tokens/claims.h"

namespace gatehouse::oauth {
namespace {

/// The token from the header (RFC 6750 §2.1), the form body (§2.2), or, for older SDKs and unless the tenant forbids it, the query
/// string (§2.3). Exactly one place.
Result<std::string> bearer_token(const http::Request& request, const model::Tenant& tenant) {
  std::vector<std::string> found;
  if (const std::optional<std::string_view> header = request.header("authorization")) {
    if (to_lower_ascii(header->substr(0, 7)) != "bearer ") return OAuthError{OAuthErrc::invalid_token, "Unauthorized"};
    found.emplace_back(header->substr(7));
  }
  if (request.method == http::Method::POST && request.content_type() == "application/x-www-form-urlencoded") {
    TRY(const BodyParameters body, BodyParameters::parse(request));
    if (const std::optional<std::string_view> token = body.get("access_token")) found.emplace_back(*token);
  }
  if (const std::optional<std::string_view> token = request.query.get("access_token")) {
    if (get_bool(tenant.settings, "allow_userinfo_query_token").value_or(true)) found.emplace_back(*token);
  }
  if (found.size() > 1) return OAuthError{OAuthErrc::invalid_request, "The access token was sent in more than one place."};
  if (found.empty() || found.front().empty()) return OAuthError{OAuthErrc::invalid_token, "Unauthorized"};
  return std::move(found.front());
}

}  // namespace

void Userinfo::mount(http::Router& router) {
  const http::RouteOptions options{
      .lane = http::Lane::store, .scope = "token", .planner = [this](const http::Request& r) { return plan(r); }};
  router.get("/userinfo", options, [this](const http::Request& r) { return handle(r); });
  router.post("/userinfo", options, [this](const http::Request& r) { return handle(r); });
  mount_preflight(router, "/userinfo", "GET, POST");
}

http::Lane Userinfo::plan(const http::Request& request) const {
  return reads_at_once_ && warm_.find(request.tenant, {}) ? http::Lane::inline_ : http::Lane::store;
}

Result<std::string> Userinfo::claims(const http::Request& request) const {
  TRY(const std::shared_ptr<const model::Tenant> tenant, tenants_.get(request.tenant));
  TRY(const std::string bearer, bearer_token(request, *tenant));
  TRY(const UserinfoToken token, verifier_.userinfo_token(*tenant, bearer));
  if (!token.scopes.contains("openid")) return OAuthError{OAuthErrc::insufficient_scope, "The token lacks the scope openid."};
  TRY(const std::optional<model::User> user, users_.find(request.tenant, UserId(token.subject)));
  if (!user || user->blocked) return OAuthError{OAuthErrc::invalid_token, "The access token is invalid or has expired."};
  std::string text;
  JsonObjectText claims(text);
  claims.add("sub", user->id.str());
  for (const json::key_value_pair& claim : scope_claims(*user, token.scopes)) claims.add(claim.key(), claim.value());
  claims.close();
  return text;
}

http::Response Userinfo::handle(const http::Request& request) const {
  const uint64_t generation = warm_.generation();
  Result<std::string> found = claims(request);
  if (found && request.lane == http::Lane::store) warm_.put(request.tenant, {}, std::make_shared<const char>(), generation);
  http::Response response = found ? http::Response::json_text(200, *std::move(found)) : error_response(found.error(), false);
  response.no_store();
  allow_every_origin(response);  // the token is the permission; no cookie is looked at
  return response;
}

}  // namespace gatehouse::oauth
