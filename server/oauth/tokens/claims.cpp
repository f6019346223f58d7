#include "oauth/tokens/claims.h"

#include <array>

namespace gatehouse::oauth {
namespace {

constexpr std::array<std::string_view, 13> kProfile{
    "name",    "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
    "website", "gender",     "birthdate",   "zoneinfo",    "locale"};

}  // namespace

json::object scope_claims(const model::User& user, const Scopes& scopes) {
  json::object claims;
  if (scopes.contains("profile")) {
    for (const std::string_view name : kProfile)
      if (const json::value* value = user.attributes.if_contains(name); value && !value->is_null()) claims[name] = *value;
    claims["updated_at"] = to_iso8601(user.updated_at);
  }
  if (scopes.contains("email") && user.email) {
    claims["email"] = *user.email;
    claims["email_verified"] = user.email_verified;
  }
  if (scopes.contains("phone") && user.phone_number) {
    claims["phone_number"] = *user.phone_number;
    claims["phone_number_verified"] = user.phone_verified;
  }
  if (scopes.contains("address"))
    if (const json::value* address = user.attributes.if_contains("address"); address && address->is_object()) claims["address"] = *address;
  return claims;
}

Scopes grantable_scopes(const Scopes& asked, const model::ResourceServer* api, const model::Client& client,
                        const std::set<std::string>& permissions) {
  Scopes granted = asked;
  granted.keep_if([&](const std::string& scope) {
    if (scope == "offline_access") return client.allows_grant("refresh_token") && (!api || api->allow_offline_access);
    if (is_oidc_scope(scope)) return true;
    if (!api || !api->has_scope(scope)) return false;
    return !enforces_permissions(*api) || permissions.contains(scope);
  });
  return granted;
}

}  // namespace gatehouse::oauth
