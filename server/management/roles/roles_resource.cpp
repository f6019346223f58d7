#include "management/roles/roles_resource.h"

#include "base/encoding.h"
#include "management/roles/permissions.h"
#include "model/roles/role_description.h"
#include "model/users/user_description.h"

namespace gatehouse::management {

using model::StoredObject;

RolesResource::RolesResource(Api& api, const model::RoleStore& roles, const model::ResourceServerStore& apis, const model::UserStore& users)
    : Resource(api, model::role_description(), roles.objects()), roles_(roles), apis_(apis), users_(users) {}

void RolesResource::mount() {
  Resource::mount();
  api_.get("/roles/{id}/permissions", {"read:roles"}, "Get a role's permissions",
           [this](const Call& call) { return list_permissions(call); });
  api_.post("/roles/{id}/permissions", {"update:roles"}, "Add permissions to a role",
            [this](const Call& call) { return add_permissions(call); });
  api_.remove("/roles/{id}/permissions", {"update:roles"}, "Remove permissions from a role",
              [this](const Call& call) { return remove_permissions(call); });
  api_.get("/roles/{id}/users", {"read:users", "read:roles", "read:role_members"}, "Get a role's users",
           [this](const Call& call) { return list_users(call); });
  api_.post("/roles/{id}/users", {"update:roles", "create:role_members"}, "Assign users to a role",
            [this](const Call& call) { return assign_users(call); });
}

std::string RolesResource::new_id() const { return "rol_" + parts().random.alphanumeric(16); }

json::object RolesResource::show(const Call& call, const StoredObject& object, model::Verb verb) const {
  json::object shown = Resource::show(call, object, verb);
  // recorded: "" on reading; null in the POST answer of some tenants, absent in that of others
  if (!shown.contains("description")) shown["description"] = verb == model::Verb::create ? json::value(nullptr) : json::value("");
  return shown;
}

ApiResult<void> RolesResource::removing(storage::Transaction& tx, const Call& call, const StoredObject& object) const {
  TRY_VOID(roles_.remove(tx, call.tenant(), RoleId(object.id)));
  return {};
}

ApiResult<void> RolesResource::filter(const Call& call, model::ObjectQuery& query) const {
  const std::string wanted = to_lower_ascii(call.query().get("name_filter").value_or(""));
  if (!wanted.empty())
    query.keeps = [wanted](const json::object& role) {
      return to_lower_ascii(get_string(role, "name").value_or("")).find(wanted) != std::string::npos;
    };
  return {};
}

/// The permissions a role gives, with their descriptions. Errors: inexistent_role.
ApiResult<http::Response> RolesResource::list_permissions(const Call& call) const {
  TRY(const ListQuery query, call.list_query());
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const StoredObject role, get_existing(reader, call));
    const RoleId id(role.id);
    TRY(const std::vector<model::PermissionRef> permissions,
        roles_.permissions_of_role(reader, call.tenant(), id, {query.offset(), query.limit()}));
    Page page;
    TRY(page.items, show_permissions(reader, call.tenant(), apis_, permissions));
    TRY(page.total, roles_.count_permissions_of_role(reader, call.tenant(), id));
    return page_response(query, "permissions", std::move(page));
  });
}

/// Adds permissions of existing APIs to a role. Errors: inexistent_role, inexistent_resource_server, invalid_body.
ApiResult<http::Response> RolesResource::add_permissions(const Call& call) const {
  TRY(const std::vector<model::PermissionRef> permissions, parse_permissions(call.body()));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const StoredObject role, get_existing(tx, call));
    TRY_VOID(check_permissions_exist(tx, call.tenant(), apis_, permissions));
    TRY_VOID(roles_.add_permissions_to_role(tx, call.tenant(), RoleId(role.id), permissions));
    return http::Response::json(201, json::object{});
  });
}

/// Takes permissions away; those the role does not have are passed over. Errors: inexistent_role, invalid_body.
ApiResult<http::Response> RolesResource::remove_permissions(const Call& call) const {
  TRY(const std::vector<model::PermissionRef> permissions, parse_permissions(call.body()));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const StoredObject role, get_existing(tx, call));
    TRY_VOID(roles_.remove_permissions_from_role(tx, call.tenant(), RoleId(role.id), permissions));
    return http::Response::empty(204);
  });
}

/// Who has the role, in the order of assignment. Errors: inexistent_role.
ApiResult<http::Response> RolesResource::list_users(const Call& call) const {
  TRY(const ListQuery query, call.list_query());
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const StoredObject role, get_existing(reader, call));
    const RoleId id(role.id);
    TRY(const std::vector<model::RoleStore::Member> members,
        roles_.users_of_role(reader, call.tenant(), id, query.after_position, query.offset(), query.limit() + 1));
    std::vector<UserId> ids;
    for (const model::RoleStore::Member& member : members)
      if (static_cast<int64_t>(ids.size()) < query.limit()) ids.push_back(member.user);
    TRY(const std::vector<model::User> users, users_.find_all(reader, call.tenant(), ids));
    Page page;
    for (const model::User& user : users) {
      json::object shown;
      shown["user_id"] = user.id.str();
      if (user.email) shown["email"] = *user.email;
      for (const std::string_view name : {"picture", "name"})
        if (const json::value* value = user.attributes.if_contains(name)) shown[name] = *value;
      page.items.push_back(std::move(shown));
    }
    if (members.size() > ids.size() && !ids.empty()) page.next = members[ids.size() - 1].position;
    if (query.include_totals) {
      TRY(page.total, roles_.count_users_of_role(reader, call.tenant(), id));
    }
    return page_response(query, "users", std::move(page));
  });
}

/// Gives the role to users. Errors: inexistent_role, inexistent_user, invalid_body.
ApiResult<http::Response> RolesResource::assign_users(const Call& call) const {
  if (const auto complaint = model::role_users_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  const std::vector<std::string> ids = get_strings(call.body().get_object(), "users");
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const StoredObject role, get_existing(tx, call));
    for (const std::string& id : ids) {
      TRY(const std::optional<model::User> user, users_.find(tx, call.tenant(), UserId(id)));
      if (!user) return management::missing(model::user_description());
      TRY_VOID(roles_.assign(tx, call.tenant(), user->id, {RoleId(role.id)}, call.now()));
    }
    return http::Response::json(200, json::object{});
  });
}

}  // namespace gatehouse::management
