#pragma once
#include <memory>

#include "crypto/sealing.h"
#include "model/objects/object_store.h"
#include "model/resource_servers/resource_server.h"
#include "model/snapshot_cache.h"

namespace gatehouse::model {

/// APIs, cached like clients.
class ResourceServerStore {
 public:
  ResourceServerStore(storage::Database& db, const crypto::Sealer& sealer);
  /// By audience; null when there is none.
  [[nodiscard]] Result<std::shared_ptr<const ResourceServer>> find_by_identifier(const TenantId& tenant, std::string_view identifier) const;
  [[nodiscard]] Result<SecretString> signing_secret(const ResourceServer& api) const;
  /// The registered identifier most like `asked` (trailing slash, case, scheme, one edit), for error messages; nullopt when
  /// nothing is close. Reads all identifiers: only on failures.
  [[nodiscard]] Result<std::optional<std::string>> closest_identifier(const TenantId& tenant, std::string_view asked) const;
  static std::string signing_secret_context(const ResourceServerId& id) { return "resource_servers/signing_secret/" + id.str(); }
  static ResourceServer from_stored(const TenantId& tenant, const StoredObject& object);
  [[nodiscard]] const ObjectStore& objects() const { return objects_; }
  static ObjectStore table() { return {"resource_servers", {{"identifier", "identifier"}}}; }

 private:
  storage::Database& db_;
  const crypto::Sealer& sealer_;
  ObjectStore objects_;
  mutable SnapshotCache<ResourceServer> cache_;
};

}  // namespace gatehouse::model
