#pragma once
#include <set>
#include <string>
#include <vector>

#include "model/objects/object_store.h"
#include "storage/database.h"

namespace gatehouse::model {

/// A permission: a scope of an API.
struct PermissionRef {
  std::string resource_server_identifier;
  std::string permission_name;
  auto operator<=>(const PermissionRef&) const = default;
};

/// Roles, what they permit, who has them, and permissions given to users directly.
class RoleStore {
 public:
  RoleStore();
  [[nodiscard]] const ObjectStore& objects() const { return objects_; }

  /// The role with its permissions and assignments.
  Result<void> remove(storage::Transaction&, const TenantId&, const RoleId&) const;
  /// An API was removed: nobody holds its permissions any more.
  Result<void> forget_api(storage::Transaction&, const TenantId&, std::string_view identifier) const;
  /// A scope of an API was removed.
  Result<void> forget_permission(storage::Transaction&, const TenantId&, const PermissionRef&) const;

  struct Page {
    int64_t offset = 0, limit = 50;
  };
  [[nodiscard]] Result<std::vector<PermissionRef>> permissions_of_role(storage::Reader&, const TenantId&, const RoleId&, Page) const;
  [[nodiscard]] Result<int64_t> count_permissions_of_role(storage::Reader&, const TenantId&, const RoleId&) const;
  /// Already given ones are left as they are.
  Result<void> add_permissions_to_role(storage::Transaction&, const TenantId&, const RoleId&, const std::vector<PermissionRef>&) const;
  Result<void> remove_permissions_from_role(storage::Transaction&, const TenantId&, const RoleId&, const std::vector<PermissionRef>&) const;

  [[nodiscard]] Result<std::vector<StoredObject>> roles_of_user(storage::Reader&, const TenantId&, const UserId&, Page) const;
  [[nodiscard]] Result<int64_t> count_roles_of_user(storage::Reader&, const TenantId&, const UserId&) const;
  Result<void> assign(storage::Transaction&, const TenantId&, const UserId&, const std::vector<RoleId>&, Timestamp now) const;
  /// Gives one role in one statement, if both it and the user exist. False: one of them does not, or the user has the role already.
  static Result<bool> assign_existing(storage::Transaction&, const TenantId&, const UserId&, const RoleId&, Timestamp now);
  Result<void> unassign(storage::Transaction&, const TenantId&, const UserId&, const std::vector<RoleId>&) const;
  /// Takes all roles from a user that goes away.
  static Result<void> forget_user(storage::Transaction&, const TenantId&, const UserId&);
  /// Users with a role, in order of assignment, after a checkpoint position (0 = start).
  struct Member {
    UserId user;
    int64_t position;
  };
  [[nodiscard]] Result<std::vector<Member>> users_of_role(storage::Reader&, const TenantId&, const RoleId&, int64_t after_position,
                                                          int64_t offset, int64_t limit) const;
  [[nodiscard]] Result<int64_t> count_users_of_role(storage::Reader&, const TenantId&, const RoleId&) const;

  [[nodiscard]] Result<std::vector<PermissionRef>> direct_permissions(storage::Reader&, const TenantId&, const UserId&) const;
  static Result<void> add_direct_permissions(storage::Transaction&, const TenantId&, const UserId&, const std::vector<PermissionRef>&);
  Result<void> remove_direct_permissions(storage::Transaction&, const TenantId&, const UserId&, const std::vector<PermissionRef>&) const;

  /// Everything the user may do at one API: direct and through roles. Sorted.
  [[nodiscard]] Result<std::set<std::string>> effective_permissions(storage::Reader&, const TenantId&, const UserId&,
                                                                    std::string_view audience) const;
  /// The same for all APIs, with where each comes from (GET /users/{id}/permissions `sources`).
  struct Source {
    PermissionRef permission;
    bool direct;
    std::vector<std::pair<RoleId, std::string>> roles;
  };
  [[nodiscard]] Result<std::vector<Source>> permissions_of_user(storage::Reader&, const TenantId&, const UserId&) const;

 private:
  ObjectStore objects_;
};

}  // namespace gatehouse::model
