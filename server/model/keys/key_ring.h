#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/keys/key_store.h"
#include "model/snapshot_cache.h"

namespace gatehouse::model {

/// All keys of a tenant that are in use, at one moment. Immutable.
struct KeySet {
  std::vector<std::shared_ptr<const SigningKey>> current;
  std::vector<VerificationKey> verification;  ///< current, next, previous
  std::vector<std::shared_ptr<const SymmetricKey>> secrets;
  std::string jwks_json;  ///< the whole body of /.well-known/jwks.json
  std::string jwks_etag;  ///< its strong ETag, quotes included
};

/// What the server signs and verifies with. Every answer comes from a snapshot in memory, read anew after the tenant's keys changed on
/// any node; the first one after that reads the database. Usable from all threads.
class KeyRing {
 public:
  KeyRing(storage::Database& db, const KeyStore& store, const Clock& clock) : db_(db), store_(store), clock_(clock), cache_(db, {"keys"}) {}

  [[nodiscard]] Result<std::shared_ptr<const KeySet>> keys(const TenantId& tenant) const;

  /// The key that signs with this algorithm. RS256 is there since the tenant is; of another algorithm the first call makes a pair, which
  /// blocks (RSA 200 ms and more) and writes: see ensure(). Errors: internal (the tenant has no keys; a symmetric algorithm).
  [[nodiscard]] Result<std::shared_ptr<const SigningKey>> current(const TenantId& tenant,
                                                                  jose::Algorithm algorithm = jose::Algorithm::RS256) const;
  /// Makes the pair of keys of an algorithm where there is none. For whoever sets an API's signing_alg, so that no token waits for it.
  /// Blocks and writes: not inside a unit of work.
  Result<void> ensure(const TenantId& tenant, jose::Algorithm algorithm) const;

  /// The public key of a token that this tenant signed; nothing for an unknown or a revoked key.
  [[nodiscard]] Result<std::optional<jose::PublicKey>> find_public(const TenantId& tenant, std::string_view kid) const;

  [[nodiscard]] Result<std::shared_ptr<const SymmetricKey>> current_secret(const TenantId& tenant, SecretPurpose purpose) const;
  /// Null when there is none of that name and purpose.
  [[nodiscard]] Result<std::shared_ptr<const SymmetricKey>> find_secret(const TenantId& tenant, SecretPurpose purpose,
                                                                        std::string_view kid) const;

  /// A new next key for every algorithm in use: what KeyStore::rotate() wants. Blocks; call before the unit of work.
  [[nodiscard]] Result<std::vector<NewKey>> make_next_keys(const TenantId& tenant) const;

 private:
  storage::Database& db_;
  const KeyStore& store_;
  const Clock& clock_;
  mutable SnapshotCache<KeySet> cache_;
};

}  // namespace gatehouse::model
