#include "management/resource.h"
#include "management/roles/permissions.h"
#include "management/users/users_resource.h"

namespace gatehouse::management {

/// What a user may do, directly and through roles, each with where it comes from. Errors: inexistent_user.
ApiResult<http::Response> UsersResource::list_permissions(const Call& call) const {
  TRY(const ListQuery query, call.list_query());
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(reader, call));
    TRY(const std::vector<model::RoleStore::Source> all, parts_.roles.permissions_of_user(reader, call.tenant(), user.id));
    Page page;
    page.total = static_cast<int64_t>(all.size());
    const int64_t begin = std::min(query.offset(), page.total), end = std::min(begin + query.limit(), page.total);
    const std::span<const model::RoleStore::Source> here(all.data() + begin, size_t(end - begin));
    std::vector<model::PermissionRef> permissions;
    for (const model::RoleStore::Source& source : here) permissions.push_back(source.permission);
    TRY(page.items, show_permissions(reader, call.tenant(), parts_.resource_servers, permissions));
    for (size_t i = 0; i < here.size(); ++i) {
      json::array sources;
      if (here[i].direct) sources.push_back({{"source_id", ""}, {"source_name", ""}, {"source_type", "DIRECT"}});
      for (const auto& [role, name] : here[i].roles)
        sources.push_back({{"source_id", role.str()}, {"source_name", name}, {"source_type", "ROLE"}});
      page.items[i].get_object()["sources"] = std::move(sources);
    }
    return page_response(query, "permissions", std::move(page));
  });
}

/// Gives permissions of existing APIs to a user. Errors: inexistent_user, inexistent_resource_server, invalid_body.
ApiResult<http::Response> UsersResource::add_permissions(const Call& call) const {
  TRY(const std::vector<model::PermissionRef> permissions, parse_permissions(call.body()));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(tx, call));
    TRY_VOID(check_permissions_exist(tx, call.tenant(), parts_.resource_servers, permissions));
    TRY_VOID(parts_.roles.add_direct_permissions(tx, call.tenant(), user.id, permissions));
    return http::Response::json(201, json::object{});
  });
}

/// Takes direct permissions away; those the user does not have are passed over. Errors: inexistent_user, invalid_body.
ApiResult<http::Response> UsersResource::remove_permissions(const Call& call) const {
  TRY(const std::vector<model::PermissionRef> permissions, parse_permissions(call.body()));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(tx, call));
    TRY_VOID(parts_.roles.remove_direct_permissions(tx, call.tenant(), user.id, permissions));
    return http::Response::empty(204);
  });
}

}  // namespace gatehouse::management
