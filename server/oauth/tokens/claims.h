#pragma once
#include <set>
#include <string>

#include "base/json.h"
#include "model/clients/client.h"
#include "model/resource_servers/resource_server.h"
#include "model/users/user.h"
#include "oauth/oauth_error.h"
#include "oauth/tokens/scopes.h"

namespace gatehouse::oauth {

/// The claims that scopes open (OpenID Connect Core §5.4) as Auth0 fills them: profile, email, phone, address. Without `sub`.
json::object scope_claims(const model::User& user, const Scopes& scopes);

/// What a user's token for an API may hold: the OpenID Connect scopes asked for, and those the API defines; with RBAC only what the user
/// is permitted. `offline_access` stays only where the API and the client's grant types allow a refresh token. `api` null: no API.
Scopes grantable_scopes(const Scopes& asked, const model::ResourceServer* api, const model::Client& client,
                        const std::set<std::string>& permissions);

/// Whether the API limits users to their permissions. The Management API always does: its scopes are never everybody's.
inline bool enforces_permissions(const model::ResourceServer& api) { return api.enforce_policies || api.is_system; }

}  // namespace gatehouse::oauth
