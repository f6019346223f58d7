#include "model/roles/role_store.h"

#include "model/objects/position.h"
#include "storage/counters.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view role_permissions_page =
    "SELECT resource_server_identifier, permission_name FROM role_permissions WHERE tenant = $1 AND role_id = $2 "
    "ORDER BY resource_server_identifier, permission_name LIMIT $3 OFFSET $4";
constexpr std::string_view count_role_permissions = "SELECT COUNT(*) FROM role_permissions WHERE tenant = $1 AND role_id = $2";
constexpr std::string_view insert_role_permission =
    "INSERT INTO role_permissions (tenant, role_id, resource_server_identifier, permission_name) VALUES ($1, $2, $3, $4) ON CONFLICT DO "
    "NOTHING";
constexpr std::string_view delete_role_permission =
    "DELETE FROM role_permissions WHERE tenant = $1 AND role_id = $2 AND resource_server_identifier = $3 AND permission_name = $4";

constexpr std::string_view user_roles_page =
    "SELECT r.id, r.position, r.data, r.created_at, r.updated_at FROM user_roles u JOIN roles r ON r.tenant = u.tenant AND r.id = "
    "u.role_id "
    "WHERE u.tenant = $1 AND u.user_id = $2 ORDER BY u.position, u.role_id LIMIT $3 OFFSET $4";
constexpr std::string_view count_user_roles = "SELECT COUNT(*) FROM user_roles WHERE tenant = $1 AND user_id = $2";
constexpr std::string_view insert_user_role =
    "INSERT INTO user_roles (tenant, user_id, role_id, position) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
constexpr std::string_view insert_existing_user_role =
    "INSERT INTO user_roles (tenant, user_id, role_id, position) SELECT u.tenant, u.id, r.id, CAST($4 AS BIGINT) FROM users u, roles r "
    "WHERE u.tenant = $1 AND u.id = $2 AND r.tenant = $1 AND r.id = $3 ON CONFLICT DO NOTHING";
constexpr std::string_view delete_user_role = "DELETE FROM user_roles WHERE tenant = $1 AND user_id = $2 AND role_id = $3";
constexpr std::string_view role_users_page =
    "SELECT user_id, position FROM user_roles WHERE tenant = $1 AND role_id = $2 AND position > $3 ORDER BY position, user_id LIMIT $4 "
    "OFFSET $5";
constexpr std::string_view delete_roles_of_user = "DELETE FROM user_roles WHERE tenant = $1 AND user_id = $2 RETURNING role_id";

constexpr std::string_view user_permissions =
    "SELECT resource_server_identifier, permission_name FROM user_permissions WHERE tenant = $1 AND user_id = $2 "
    "ORDER BY resource_server_identifier, permission_name";
constexpr std::string_view insert_user_permission =
    "INSERT INTO user_permissions (tenant, user_id, resource_server_identifier, permission_name) VALUES ($1, $2, $3, $4) ON CONFLICT DO "
    "NOTHING";
constexpr std::string_view delete_user_permission =
    "DELETE FROM user_permissions WHERE tenant = $1 AND user_id = $2 AND resource_server_identifier = $3 AND permission_name = $4";
constexpr std::string_view effective =
    "SELECT permission_name FROM user_permissions WHERE tenant = $1 AND user_id = $2 AND resource_server_identifier = $3 "
    "UNION SELECT p.permission_name FROM user_roles u JOIN role_permissions p ON p.tenant = u.tenant AND p.role_id = u.role_id "
    "WHERE u.tenant = $1 AND u.user_id = $2 AND p.resource_server_identifier = $3";
constexpr std::string_view permissions_by_role =
    "SELECT p.resource_server_identifier, p.permission_name, r.id, r.name FROM user_roles u "
    "JOIN roles r ON r.tenant = u.tenant AND r.id = u.role_id "
    "JOIN role_permissions p ON p.tenant = u.tenant AND p.role_id = u.role_id "
    "WHERE u.tenant = $1 AND u.user_id = $2 ORDER BY p.resource_server_identifier, p.permission_name, u.position";

std::vector<PermissionRef> read_permissions(const storage::Rows& rows) {
  std::vector<PermissionRef> permissions;
  permissions.reserve(rows.size());
  for (const storage::Row& row : rows) permissions.push_back({row.text(0), row.text(1)});
  return permissions;
}

/// How many users have the role.
std::string members_of(std::string_view role) { return "user_roles/" + std::string(role); }

Result<int64_t> count(storage::Reader& reader, std::string_view sql, const TenantId& tenant, std::string_view of) {
  TRY(const storage::Rows rows, reader.query(sql, tenant, of));
  return rows.front().int64(0);
}

Result<void> for_each_permission(storage::Transaction& tx, std::string_view sql, const TenantId& tenant, std::string_view of,
                                 const std::vector<PermissionRef>& permissions) {
  for (const PermissionRef& permission : permissions)
    tx.later(sql, tenant, of, permission.resource_server_identifier, permission.permission_name);
  return {};
}

}  // namespace

RoleStore::RoleStore() : objects_("roles", {{"name", "name"}}) {}

Result<std::vector<PermissionRef>> RoleStore::permissions_of_role(storage::Reader& reader, const TenantId& tenant, const RoleId& role,
                                                                  Page page) const {
  TRY(const storage::Rows rows, reader.query(role_permissions_page, tenant, role, page.limit, page.offset));
  return read_permissions(rows);
}

Result<int64_t> RoleStore::count_permissions_of_role(storage::Reader& reader, const TenantId& tenant, const RoleId& role) const {
  return count(reader, count_role_permissions, tenant, role.str());
}

Result<void> RoleStore::add_permissions_to_role(storage::Transaction& tx, const TenantId& tenant, const RoleId& role,
                                                const std::vector<PermissionRef>& permissions) const {
  return for_each_permission(tx, insert_role_permission, tenant, role.str(), permissions);
}

Result<void> RoleStore::remove_permissions_from_role(storage::Transaction& tx, const TenantId& tenant, const RoleId& role,
                                                     const std::vector<PermissionRef>& permissions) const {
  return for_each_permission(tx, delete_role_permission, tenant, role.str(), permissions);
}

Result<void> RoleStore::remove(storage::Transaction& tx, const TenantId& tenant, const RoleId& role) const {
  TRY_VOID(tx.execute("DELETE FROM role_permissions WHERE tenant = $1 AND role_id = $2", tenant, role));
  TRY_VOID(tx.execute("DELETE FROM user_roles WHERE tenant = $1 AND role_id = $2", tenant, role));
  TRY_VOID(storage::counters::remove(tx, tenant, members_of(role.str())));
  TRY_VOID(objects_.remove(tx, tenant, role.str()));
  return {};
}

Result<void> RoleStore::forget_api(storage::Transaction& tx, const TenantId& tenant, std::string_view identifier) const {
  TRY_VOID(tx.execute("DELETE FROM role_permissions WHERE tenant = $1 AND resource_server_identifier = $2", tenant, identifier));
  TRY_VOID(tx.execute("DELETE FROM user_permissions WHERE tenant = $1 AND resource_server_identifier = $2", tenant, identifier));
  return {};
}

Result<void> RoleStore::forget_permission(storage::Transaction& tx, const TenantId& tenant, const PermissionRef& permission) const {
  TRY_VOID(tx.execute("DELETE FROM role_permissions WHERE tenant = $1 AND resource_server_identifier = $2 AND permission_name = $3", tenant,
                      permission.resource_server_identifier, permission.permission_name));
  TRY_VOID(tx.execute("DELETE FROM user_permissions WHERE tenant = $1 AND resource_server_identifier = $2 AND permission_name = $3", tenant,
                      permission.resource_server_identifier, permission.permission_name));
  return {};
}

Result<std::vector<StoredObject>> RoleStore::roles_of_user(storage::Reader& reader, const TenantId& tenant, const UserId& user,
                                                           Page page) const {
  TRY(const storage::Rows rows, reader.query(user_roles_page, tenant, user, page.limit, page.offset));
  std::vector<StoredObject> roles;
  for (const storage::Row& row : rows) roles.push_back(read_stored_object(row));
  return roles;
}

Result<int64_t> RoleStore::count_roles_of_user(storage::Reader& reader, const TenantId& tenant, const UserId& user) const {
  return count(reader, count_user_roles, tenant, user.str());
}

Result<void> RoleStore::assign(storage::Transaction& tx, const TenantId& tenant, const UserId& user, const std::vector<RoleId>& roles,
                               Timestamp now) const {
  for (const RoleId& role : roles) {
    TRY(const int64_t added, tx.execute(insert_user_role, tenant, user, role, next_position(now, tx.slot())));
    if (added > 0) TRY_VOID(storage::counters::add(tx, tenant, members_of(role.str()), added));
  }
  return {};
}

Result<bool> RoleStore::assign_existing(storage::Transaction& tx, const TenantId& tenant, const UserId& user, const RoleId& role,
                                        Timestamp now) {
  TRY(const int64_t added, tx.execute(insert_existing_user_role, tenant, user, role, next_position(now, tx.slot())));
  if (added > 0) TRY_VOID(storage::counters::add(tx, tenant, members_of(role.str()), added));
  return added > 0;
}

Result<void> RoleStore::unassign(storage::Transaction& tx, const TenantId& tenant, const UserId& user,
                                 const std::vector<RoleId>& roles) const {
  for (const RoleId& role : roles) {
    TRY(const int64_t removed, tx.execute(delete_user_role, tenant, user, role));
    if (removed > 0) TRY_VOID(storage::counters::add(tx, tenant, members_of(role.str()), -removed));
  }
  return {};
}

Result<void> RoleStore::forget_user(storage::Transaction& tx, const TenantId& tenant, const UserId& user) {
  TRY(const storage::Rows roles, tx.query(delete_roles_of_user, tenant, user));
  for (const storage::Row& role : roles) TRY_VOID(storage::counters::add(tx, tenant, members_of(role.text(0)), -1));
  return {};
}

Result<std::vector<RoleStore::Member>> RoleStore::users_of_role(storage::Reader& reader, const TenantId& tenant, const RoleId& role,
                                                                int64_t after_position, int64_t offset, int64_t limit) const {
  TRY(const storage::Rows rows, reader.query(role_users_page, tenant, role, after_position, limit, offset));
  std::vector<Member> members;
  for (const storage::Row& row : rows) members.push_back({UserId(row.text(0)), row.int64(1)});
  return members;
}

Result<int64_t> RoleStore::count_users_of_role(storage::Reader& reader, const TenantId& tenant, const RoleId& role) const {
  return storage::counters::get(reader, tenant, members_of(role.str()));
}

Result<std::vector<PermissionRef>> RoleStore::direct_permissions(storage::Reader& reader, const TenantId& tenant,
                                                                 const UserId& user) const {
  TRY(const storage::Rows rows, reader.query(user_permissions, tenant, user));
  return read_permissions(rows);
}

Result<void> RoleStore::add_direct_permissions(storage::Transaction& tx, const TenantId& tenant, const UserId& user,
                                               const std::vector<PermissionRef>& permissions) {
  return for_each_permission(tx, insert_user_permission, tenant, user.str(), permissions);
}

Result<void> RoleStore::remove_direct_permissions(storage::Transaction& tx, const TenantId& tenant, const UserId& user,
                                                  const std::vector<PermissionRef>& permissions) const {
  return for_each_permission(tx, delete_user_permission, tenant, user.str(), permissions);
}

Result<std::set<std::string>> RoleStore::effective_permissions(storage::Reader& reader, const TenantId& tenant, const UserId& user,
                                                               std::string_view audience) const {
  TRY(const storage::Rows rows, reader.query(effective, tenant, user, audience));
  std::set<std::string> permissions;
  for (const storage::Row& row : rows) permissions.insert(row.text(0));
  return permissions;
}

Result<std::vector<RoleStore::Source>> RoleStore::permissions_of_user(storage::Reader& reader, const TenantId& tenant,
                                                                      const UserId& user) const {
  std::map<PermissionRef, Source> sources;
  TRY(const std::vector<PermissionRef> direct, direct_permissions(reader, tenant, user));
  for (const PermissionRef& permission : direct) sources.insert_or_assign(permission, Source{permission, true, {}});
  TRY(const storage::Rows rows, reader.query(permissions_by_role, tenant, user));
  for (const storage::Row& row : rows) {
    const PermissionRef permission{row.text(0), row.text(1)};
    sources.try_emplace(permission, Source{permission, false, {}}).first->second.roles.emplace_back(RoleId(row.text(2)), row.text(3));
  }
  std::vector<Source> sorted;
  for (auto& [permission, source] : sources) sorted.push_back(std::move(source));
  return sorted;
}

}  // namespace gatehouse::model
