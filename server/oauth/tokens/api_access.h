#pragma once
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "model/client_grants/client_grant_store.h"
#include "model/clients/client.h"
#include "model/resource_servers/resource_server_store.h"
#include "model/roles/role_store.h"
#include "model/tenants/tenant_store.h"
#include "oauth/oauth_error.h"
#include "oauth/tokens/scopes.h"

namespace gatehouse::oauth {

/// Which API an audience names and what a client may have of it for its users. Cached reads but for failures.
class ApiAccess {
 public:
  ApiAccess(const model::ResourceServerStore& apis, const model::ClientGrantStore& client_grants, const model::RoleStore& roles)
      : apis_(apis), client_grants_(client_grants), roles_(roles) {}

  /// The API, or null when none is asked and the tenant has no default audience, or /userinfo itself is asked. Errors: access_denied
  /// "Service not enabled within domain: …", with the closest registered identifier in the details.
  [[nodiscard]] Result<std::shared_ptr<const model::ResourceServer>> of_audience(const model::Tenant& tenant,
                                                                                 std::string_view audience) const;

  /// What remains of `asked` after the API's policy on user access (subject_type_authorization.user): everything, the client's grant of
  /// subject type user, or nothing. Third-party clients always need a grant when they are held to strict security. Errors: access_denied.
  [[nodiscard]] Result<Scopes> within_user_policy(const model::Client& client, const model::ResourceServer* api, const Scopes& asked) const;

  /// The user's permissions at the API; empty without one, or where nobody asks for them.
  [[nodiscard]] gatehouse::Result<std::set<std::string>> permissions(storage::Reader& reader, const TenantId& tenant, const UserId& user,
                                                                     const model::ResourceServer* api) const;

 private:
  const model::ResourceServerStore& apis_;
  const model::ClientGrantStore& client_grants_;
  const model::RoleStore& roles_;
};

}  // namespace gatehouse::oauth
