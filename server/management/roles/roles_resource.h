#pragma once
#include "management/resource.h"
#include "model/resource_servers/resource_server_store.h"
#include "model/roles/role_store.h"
#include "model/users/user_store.h"

namespace gatehouse::management {

/// /roles, with the permissions a role gives and the users who have it.
class RolesResource final : public Resource {
 public:
  RolesResource(Api& api, const model::RoleStore& roles, const model::ResourceServerStore& apis, const model::UserStore& users);
  void mount() override;

 private:
  std::string new_id() const override;
  ApiResult<void> removing(storage::Transaction& tx, const Call& call, const model::StoredObject& object) const override;
  ApiResult<void> filter(const Call& call, model::ObjectQuery& query) const override;
  json::object show(const Call& call, const model::StoredObject& object, model::Verb verb) const override;

  ApiResult<http::Response> list_permissions(const Call& call) const;
  ApiResult<http::Response> add_permissions(const Call& call) const;
  ApiResult<http::Response> remove_permissions(const Call& call) const;
  ApiResult<http::Response> list_users(const Call& call) const;
  ApiResult<http::Response> assign_users(const Call& call) const;

  const model::RoleStore& roles_;
  const model::ResourceServerStore& apis_;
  const model::UserStore& users_;
};

}  // namespace gatehouse::management
