#include "management/resource.h"
#include "management/users/users_resource.h"
#include "model/users/user_description.h"

namespace gatehouse::management {
namespace {

/// The role ids of a checked body {"roles": […]}. Errors: invalid_body.
ApiResult<std::vector<RoleId>> parse_roles(const Call& call) {
  if (const auto complaint = model::user_roles_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  std::vector<RoleId> ids;
  for (std::string& id : get_strings(call.body().get_object(), "roles")) ids.emplace_back(std::move(id));
  return ids;
}

}  // namespace

/// The roles of a user, in the order of assignment. Errors: inexistent_user.
ApiResult<http::Response> UsersResource::list_roles(const Call& call) const {
  TRY(const ListQuery query, call.list_query());
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(reader, call));
    TRY(const std::vector<model::StoredObject> roles,
        parts_.roles.roles_of_user(reader, call.tenant(), user.id, {query.offset(), query.limit()}));
    Page page;
    for (const model::StoredObject& role : roles) {
      json::object shown{{"id", role.id}};
      for (const auto& [key, value] : role.properties)
        if (key == "name" || key == "description") shown.insert_or_assign(key, value);
      if (!shown.contains("description")) shown["description"] = "";
      page.items.push_back(std::move(shown));
    }
    TRY(page.total, parts_.roles.count_roles_of_user(reader, call.tenant(), user.id));
    return page_response(query, "roles", std::move(page));
  });
}

/// Gives roles to a user; those it has stay. Errors: inexistent_user, inexistent_role, invalid_body.
ApiResult<http::Response> UsersResource::assign_roles(const Call& call) const {
  TRY(const std::vector<RoleId> roles, parse_roles(call));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    for (const RoleId& id : roles) {
      TRY(const bool given, model::RoleStore::assign_existing(tx, call.tenant(), UserId(call.parameter()), id, call.now()));
      if (given) continue;
      TRY_VOID(existing(tx, call));  // the usual case needs one statement; only now it is asked what was amiss
      TRY(const std::optional<model::StoredObject> role, parts_.roles.objects().find(tx, call.tenant(), id.str()));
      if (!role) return ApiError(ApiErrc::not_found, "The role does not exist: " + id.str(), "inexistent_role");
    }
    return http::Response::empty(204);
  });
}

/// Takes roles from a user; those it does not have are passed over. Errors: inexistent_user, invalid_body.
ApiResult<http::Response> UsersResource::unassign_roles(const Call& call) const {
  TRY(const std::vector<RoleId> roles, parse_roles(call));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(tx, call));
    TRY_VOID(parts_.roles.unassign(tx, call.tenant(), user.id, roles));
    return http::Response::empty(204);
  });
}

}  // namespace gatehouse::management
