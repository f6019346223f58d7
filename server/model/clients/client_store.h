#pragma once
#include <memory>

#include "crypto/sealing.h"
#include "model/clients/client.h"
#include "model/objects/object_store.h"
#include "model/snapshot_cache.h"

namespace gatehouse::model {

/// Applications. Reads by id come from an immutable snapshot that the writer drops at each change; a miss looks in the database.
class ClientStore {
 public:
  ClientStore(storage::Database& db, const crypto::Sealer& sealer);

  /// The client, or null when there is none. Point read at worst.
  [[nodiscard]] Result<std::shared_ptr<const Client>> find(const TenantId& tenant, const ClientId& id) const;
  /// The client secret in clear; empty when it has none.
  [[nodiscard]] Result<SecretString> secret(const Client& client) const;
  /// Context under which a client's secret is sealed.
  static std::string secret_context(const ClientId& id) { return "clients/client_secret/" + id.str(); }
  /// Stored property that holds the client's credentials: id, name, kid, alg, jwk, … It is never shown with the client.
  static constexpr std::string_view credentials_property = "_credentials";
  /// SHA-256 (hex) of the secrets that rotation replaced, newest last: so that the log can say that an application still uses one.
  static constexpr std::string_view rotated_secrets_property = "_rotated_secret_digests";
  /// Reads stored properties into types; what does not fit keeps its default.
  static Client from_stored(const TenantId& tenant, const StoredObject& object);

  [[nodiscard]] const ObjectStore& objects() const { return objects_; }
  static ObjectStore table() { return {"clients", {{"name", "name"}}}; }

 private:
  storage::Database& db_;
  const crypto::Sealer& sealer_;
  ObjectStore objects_;
  mutable SnapshotCache<Client> cache_;
};

}  // namespace gatehouse::model
