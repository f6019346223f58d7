#pragma once
#include "management/resource.h"
#include "model/client_grants/client_grant_store.h"
#include "model/keys/key_ring.h"
#include "model/resource_servers/resource_server_store.h"
#include "model/roles/role_store.h"

namespace gatehouse::management {

/// /resource-servers: APIs, found by id or by identifier.
class ResourceServersResource final : public Resource {
 public:
  ResourceServersResource(Api& api, const model::ResourceServerStore& apis, const model::ClientGrantStore& grants,
                          const model::RoleStore& roles, const model::KeyRing& ring);

 private:
  std::string new_id() const override;
  ApiResult<std::optional<model::StoredObject>> find(storage::Reader& reader, const Call& call,
                                                     const std::string& parameter) const override;
  ApiResult<void> creating(storage::Transaction& tx, const Call& call, model::StoredObject& object) const override;
  ApiResult<void> updating(storage::Transaction& tx, const Call& call, const model::StoredObject& before, const json::object& change,
                           model::StoredObject& object) const override;
  ApiResult<void> removing(storage::Transaction& tx, const Call& call, const model::StoredObject& object) const override;
  ApiResult<void> checking(const Call& call, const json::object& body, model::Body kind) const override;
  ApiResult<void> filter(const Call& call, model::ObjectQuery& query) const override;

  void give_signing_secret(model::StoredObject& object) const;
  ApiResult<void> withdraw_scopes(storage::Transaction& tx, const Call& call, const model::StoredObject& before,
                                  const model::StoredObject& after) const;

  const model::ClientGrantStore& grants_;
  const model::RoleStore& roles_;
  const model::KeyRing& ring_;
};

}  // namespace gatehouse::management
