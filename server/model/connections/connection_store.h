#pragma once
#include <memory>
#include <vector>

#include "model/connections/connection.h"
#include "model/objects/object_store.h"
#include "model/snapshot_cache.h"

namespace gatehouse::model {

class ConnectionStore {
 public:
  explicit ConnectionStore(storage::Database& db);
  [[nodiscard]] Result<std::shared_ptr<const Connection>> find_by_name(const TenantId& tenant, std::string_view name) const;
  [[nodiscard]] Result<std::shared_ptr<const Connection>> find(const TenantId& tenant, const ConnectionId& id) const;
  /// Those a client may use, database connections first, then in the order of creation.
  [[nodiscard]] Result<std::vector<std::shared_ptr<const Connection>>> enabled_for(const TenantId& tenant, const ClientId& client) const;
  static Connection from_stored(const TenantId& tenant, const StoredObject& object);
  [[nodiscard]] const ObjectStore& objects() const { return objects_; }
  static ObjectStore table() { return {"connections", {{"name", "name"}, {"strategy", "strategy"}}}; }

 private:
  /// All connections of a tenant: few, read on every login page.
  using All = std::vector<std::shared_ptr<const Connection>>;
  [[nodiscard]] Result<std::shared_ptr<const All>> all(const TenantId& tenant) const;
  storage::Database& db_;
  ObjectStore objects_;
  mutable SnapshotCache<All> cache_;
};

}  // namespace gatehouse::model
