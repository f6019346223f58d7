#include "management/roles/permissions.h"

#include "management/resource.h"
#include "model/resource_servers/resource_server_description.h"
#include "model/roles/role_description.h"

namespace gatehouse::management {
namespace {

/// The APIs that a list of permissions names, each read once.
class Apis {
 public:
  Apis(storage::Reader& reader, const TenantId& tenant, const model::ResourceServerStore& store)
      : reader_(reader), tenant_(tenant), store_(store) {}

  ApiResult<const model::ResourceServer*> find(const std::string& identifier) {
    const auto known = apis_.find(identifier);
    if (known != apis_.end()) return known->second ? &*known->second : nullptr;
    TRY(const std::optional<model::StoredObject> object, store_.objects().find_by(reader_, tenant_, "identifier", identifier));
    auto& slot = apis_[identifier];
    if (object) slot = model::ResourceServerStore::from_stored(tenant_, *object);
    return slot ? &*slot : nullptr;
  }

 private:
  storage::Reader& reader_;
  const TenantId& tenant_;
  const model::ResourceServerStore& store_;
  std::map<std::string, std::optional<model::ResourceServer>> apis_;
};

}  // namespace

ApiResult<std::vector<model::PermissionRef>> parse_permissions(const json::value& body) {
  if (const auto complaint = model::permissions_body().complaint(body, model::Body::create)) return payload_error(*complaint);
  std::vector<model::PermissionRef> permissions;
  for (const json::value& entry : *get_array(body.get_object(), "permissions")) {
    const json::object& permission = entry.get_object();
    permissions.push_back({std::string(get_string(permission, "resource_server_identifier").value_or("")),
                           std::string(get_string(permission, "permission_name").value_or(""))});
  }
  return permissions;
}

ApiResult<void> check_permissions_exist(storage::Reader& reader, const TenantId& tenant, const model::ResourceServerStore& store,
                                        const std::vector<model::PermissionRef>& permissions) {
  Apis apis(reader, tenant, store);
  for (const model::PermissionRef& permission : permissions) {
    TRY(const model::ResourceServer* api, apis.find(permission.resource_server_identifier));
    if (!api) return management::missing(model::resource_server_description());
    if (!api->has_scope(permission.permission_name))
      return ApiError(ApiErrc::invalid_body, "The permission " + permission.permission_name + " does not exist in the resource server " +
                                                 permission.resource_server_identifier);
  }
  return {};
}

ApiResult<json::array> show_permissions(storage::Reader& reader, const TenantId& tenant, const model::ResourceServerStore& store,
                                        const std::vector<model::PermissionRef>& permissions) {
  Apis apis(reader, tenant, store);
  json::array shown;
  for (const model::PermissionRef& permission : permissions) {
    TRY(const model::ResourceServer* api, apis.find(permission.resource_server_identifier));
    json::object entry;
    entry["permission_name"] = permission.permission_name;
    entry["description"] = "";
    entry["resource_server_name"] = api ? api->name : "";
    entry["resource_server_identifier"] = permission.resource_server_identifier;
    if (api)
      for (const auto& scope : api->scopes)
        if (scope.value == permission.permission_name) entry["description"] = scope.description;
    shown.push_back(std::move(entry));
  }
  return shown;
}

}  // namespace gatehouse::management
