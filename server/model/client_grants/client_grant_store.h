#pragma once
#include <memory>
#include <string>
#include <vector>

#include "model/objects/object_store.h"
#include "model/snapshot_cache.h"

namespace gatehouse::model {

/// What a client may ask of an API for itself (subject_type client) or for its users (subject_type user).
struct ClientGrant {
  ClientGrantId id;
  ClientId client;
  std::string audience;
  std::vector<std::string> scopes;
  bool allow_all_scopes = false;
  std::string subject_type = "client";
  json::object properties;
};

class ClientGrantStore {
 public:
  explicit ClientGrantStore(storage::Database& db);
  /// The grant of `client` for exactly `audience`; null when there is none.
  [[nodiscard]] Result<std::shared_ptr<const ClientGrant>> find(const TenantId& tenant, const ClientId& client, std::string_view audience,
                                                                std::string_view subject_type = "client") const;
  static ClientGrant from_stored(const StoredObject& object);
  [[nodiscard]] const ObjectStore& objects() const { return objects_; }
  static ObjectStore table() {
    return {"client_grants", {{"client_id", "client_id"}, {"audience", "audience"}, {"subject_type", "subject_type"}}};
  }

 private:
  storage::Database& db_;
  ObjectStore objects_;
  mutable SnapshotCache<ClientGrant> cache_;
};

}  // namespace gatehouse::model
