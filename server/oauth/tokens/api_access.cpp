#include "oauth/tokens/api_access.h"

#include <algorithm>

#include "model/mfa/mfa_token_store.h"
#include "oauth/tokens/claims.h"
#include "oauth/tokens/issuer.h"

namespace gatehouse::oauth {
namespace {

/// The MFA API, which every tenant has without registering it. Its tokens live ten minutes (Auth0: fixed).
std::shared_ptr<const model::ResourceServer> mfa_api(const model::Tenant& tenant) {
  auto api = std::make_shared<model::ResourceServer>();
  api->tenant = tenant.id;
  api->identifier = mfa_audience(tenant);
  api->name = "MFA API";
  api->scopes = {{"enroll", "Enroll a second factor"},
                 {"read:authenticators", "List second factors"},
                 {"remove:authenticators", "Remove second factors"}};
  api->token_lifetime = api->token_lifetime_for_web = model::kMfaTokenLifetime;
  api->allow_offline_access = true;
  api->skip_consent_for_verifiable_first_party_clients = true;
  return api;
}

}  // namespace

Result<std::shared_ptr<const model::ResourceServer>> ApiAccess::of_audience(const model::Tenant& tenant, std::string_view audience) const {
  const std::string wanted = audience.empty() ? tenant.default_audience() : std::string(audience);
  if (wanted.empty() || wanted == userinfo_audience(tenant)) return std::shared_ptr<const model::ResourceServer>{};
  if (wanted == mfa_audience(tenant)) return mfa_api(tenant);
  TRY(std::shared_ptr<const model::ResourceServer> api, apis_.find_by_identifier(tenant.id, wanted));
  if (api) return api;
  TRY(const std::optional<std::string> closest, apis_.closest_identifier(tenant.id, wanted));
  std::string details = "No API has the identifier \"" + wanted + "\".";
  if (closest) details += " The closest registered one is \"" + *closest + "\"; identifiers are compared byte for byte.";
  return OAuthError{OAuthErrc::access_denied, "Service not enabled within domain: " + wanted, std::move(details)};
}

Result<Scopes> ApiAccess::within_user_policy(const model::Client& client, const model::ResourceServer* api, const Scopes& asked) const {
  if (!api) return asked;
  const bool strict = !client.is_first_party && get_string(client.properties, "third_party_security_mode") == "strict";
  if (api->user_policy == "allow_all" && !strict) return asked;
  const OAuthError denied{OAuthErrc::access_denied, "Client is not authorized to access resource server \"" + api->identifier + "\".",
                          "The API's policy for user access asks for a client grant of subject type user."};
  if (api->user_policy == "deny_all") return denied;
  TRY(const std::shared_ptr<const model::ClientGrant> grant, client_grants_.find(client.tenant, client.id, api->identifier, "user"));
  if (!grant) return denied;
  Scopes allowed = asked;
  if (!grant->allow_all_scopes)
    allowed.keep_if([&](const std::string& scope) {
      return is_oidc_scope(scope) || std::find(grant->scopes.begin(), grant->scopes.end(), scope) != grant->scopes.end();
    });
  return allowed;
}

gatehouse::Result<std::set<std::string>> ApiAccess::permissions(storage::Reader& reader, const TenantId& tenant, const UserId& user,
                                                                const model::ResourceServer* api) const {
  if (!api) return std::set<std::string>{};
  TRY(std::set<std::string> permissions, roles_.effective_permissions(reader, tenant, user, api->identifier));
  // On oneself everybody may act, as on Auth0: the Management API holds the token's subject against the path.
  if (api->is_system) permissions.insert({"read:current_user", "update:current_user_identities"});
  return permissions;
}

}  // namespace gatehouse::oauth
