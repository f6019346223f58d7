#pragma once
#include "management/resource.h"
#include "model/client_grants/client_grant_store.h"
#include "model/clients/client_store.h"
#include "model/resource_servers/resource_server_store.h"

namespace gatehouse::management {

/// /client-grants: what applications may ask of APIs.
class ClientGrantsResource final : public Resource {
 public:
  ClientGrantsResource(Api& api, const model::ClientGrantStore& grants, const model::ClientStore& clients,
                       const model::ResourceServerStore& apis);

 private:
  std::string new_id() const override;
  ApiResult<void> creating(storage::Transaction& tx, const Call& call, model::StoredObject& object) const override;
  ApiResult<void> checking(const Call& call, const json::object& body, model::Body kind) const override;
  ApiResult<void> filter(const Call& call, model::ObjectQuery& query) const override;

  const model::ClientStore& clients_;
  const model::ResourceServerStore& apis_;
};

}  // namespace gatehouse::management
