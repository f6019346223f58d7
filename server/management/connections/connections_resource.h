#pragma once
#include "management/connections/connection_users.h"
#include "management/resource.h"
#include "model/clients/client_store.h"
#include "model/connections/connection_store.h"
#include "model/users/user_store.h"

namespace gatehouse::management {

/// /connections: ways to sign in. The database strategy is checked property by property; others keep what they are given.
class ConnectionsResource final : public Resource {
 public:
  ConnectionsResource(Api& api, const model::ConnectionStore& connections, const model::ClientStore& clients,
                      const model::UserStore& users, jobs::JobQueue& jobs);
  void mount() override;

 private:
  std::string new_id() const override;
  ApiResult<void> checking(const Call& call, const json::object& body, model::Body kind) const override;
  ApiResult<void> creating(storage::Transaction& tx, const Call& call, model::StoredObject& object) const override;
  ApiResult<void> updating(storage::Transaction& tx, const Call& call, const model::StoredObject& before, const json::object& change,
                           model::StoredObject& object) const override;
  ApiResult<void> removing(storage::Transaction& tx, const Call& call, const model::StoredObject& object) const override;
  ApiResult<void> filter(const Call& call, model::ObjectQuery& query) const override;
  json::object show(const Call& call, const model::StoredObject& object, model::Verb verb) const override;
  std::vector<std::string> always_shown(model::Verb) const override {
    return {"id", "is_domain_connection", "authentication", "connected_accounts"};
  }

  ApiResult<http::Response> remove_connection(const Call& call) const;
  ApiResult<http::Response> status(const Call& call) const;
  ApiResult<http::Response> list_clients(const Call& call) const;
  ApiResult<http::Response> change_clients(const Call& call) const;
  ApiResult<http::Response> remove_user_by_email(const Call& call) const;

  ApiResult<void> check_clients(storage::Transaction& tx, const Call& call, const model::StoredObject& connection) const;
  void seal_options(model::StoredObject& connection) const;
  void open_options(json::object& options, std::string_view id) const;

  const model::ClientStore& clients_;
  const model::UserStore& users_;
  const ConnectionUsers connection_users_;
};

}  // namespace gatehouse::management
