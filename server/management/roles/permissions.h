#pragma once
#include <vector>

#include "management/api_error.h"
#include "model/resource_servers/resource_server_store.h"
#include "model/roles/role_store.h"

namespace gatehouse::management {

/// The permissions of a checked body. Errors: invalid_body.
ApiResult<std::vector<model::PermissionRef>> parse_permissions(const json::value& body);

/// Whether each names an existing API and one of its scopes. Errors: inexistent_resource_server (404), invalid_body.
ApiResult<void> check_permissions_exist(storage::Reader& reader, const TenantId& tenant, const model::ResourceServerStore& apis,
                                        const std::vector<model::PermissionRef>& permissions);

/// Permissions with their description and their API's name, as lists show them.
ApiResult<json::array> show_permissions(storage::Reader& reader, const TenantId& tenant, const model::ResourceServerStore& apis,
                                        const std::vector<model::PermissionRef>& permissions);

}  // namespace gatehouse::management
