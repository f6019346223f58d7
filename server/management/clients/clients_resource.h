#pragma once
#include "management/resource.h"
#include "model/client_grants/client_grant_store.h"
#include "model/clients/client_store.h"
#include "model/connections/connection_store.h"
#include "model/keys/key_ring.h"
#include "model/refresh_tokens/refresh_token_store.h"
#include "model/resource_servers/resource_server_store.h"

namespace gatehouse::management {

/// /clients: applications, their secret and the keys they prove themselves with.
class ClientsResource final : public Resource {
 public:
  struct Stores {
    const model::ClientStore& clients;
    const model::ClientGrantStore& grants;
    const model::ConnectionStore& connections;
    const model::RefreshTokenStore& refresh_tokens;
    const model::ResourceServerStore& apis;
    const model::KeyRing& keys;
  };
  ClientsResource(Api& api, Stores stores);
  void mount() override;

 private:
  std::string new_id() const override;
  ApiResult<void> preparing(const Call& call) const override;
  ApiResult<void> checking(const Call& call, const json::object& body, model::Body kind) const override;
  ApiResult<void> creating(storage::Transaction& tx, const Call& call, model::StoredObject& object) const override;
  ApiResult<void> updating(storage::Transaction& tx, const Call& call, const model::StoredObject& before, const json::object& change,
                           model::StoredObject& object) const override;
  ApiResult<void> removing(storage::Transaction& tx, const Call& call, const model::StoredObject& object) const override;
  ApiResult<void> filter(const Call& call, model::ObjectQuery& query) const override;
  json::object show(const Call& call, const model::StoredObject& object, model::Verb verb) const override;
  std::vector<std::string> always_shown(model::Verb verb) const override;

  ApiResult<http::Response> rotate_secret(const Call& call) const;
  ApiResult<http::Response> list_connections(const Call& call) const;
  [[nodiscard]] std::string fresh_secret() const;
  ApiResult<void> link_api(storage::Transaction& tx, const Call& call, const model::StoredObject& client, std::string_view client_id) const;

  // client_credentials.cpp
  ApiResult<http::Response> list_credentials(const Call& call) const;
  ApiResult<http::Response> get_credential(const Call& call) const;
  ApiResult<http::Response> create_credential(const Call& call) const;
  ApiResult<http::Response> update_credential(const Call& call) const;
  ApiResult<http::Response> remove_credential(const Call& call) const;
  /// Makes stored credentials of the ones that a body carries whole, and leaves their ids in their place. Errors: invalid_body.
  ApiResult<void> register_credentials(const Call& call, model::StoredObject& client) const;
  ApiResult<json::object> make_credential(const Call& call, const json::object& body) const;
  ApiResult<model::StoredObject> get_client(storage::Reader& reader, const Call& call) const;

  Stores stores_;
};

}  // namespace gatehouse::management
