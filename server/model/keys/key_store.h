#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "crypto/random.h"
#include "crypto/sealing.h"
#include "model/keys/key.h"
#include "storage/database.h"

namespace gatehouse::model {

/// A key that was made and sealed but is not stored yet. Making one is too slow for a unit of work.
struct NewKey {
  std::string kid;
  std::string purpose;
  std::string algorithm;
  KeyState state = KeyState::current;
  std::string sealed;
  std::optional<std::string> certificate;  ///< DER
};

/// The keys of tenants: `keys(tenant, kid, purpose, algorithm, state, sealed, certificate, …)`. Every change invalidates "keys".
class KeyStore {
 public:
  KeyStore(const crypto::Sealer& sealer, crypto::Random& random) : sealer_(sealer), random_(random) {}

  /// Everything a new tenant needs: a current and a next RS256 key, one secret for each purpose. `common_name`, the tenant's host, is
  /// the certificates' subject. Blocks for some hundred milliseconds: call before the unit of work that stores them.
  [[nodiscard]] Result<std::vector<NewKey>> make_first_keys(const TenantId& tenant, std::string_view common_name, Timestamp now) const;
  /// A current and a next key of another algorithm. Blocks likewise.
  [[nodiscard]] Result<std::vector<NewKey>> make_pair(const TenantId& tenant, jose::Algorithm algorithm, std::string_view common_name,
                                                      Timestamp now) const;
  [[nodiscard]] Result<NewKey> make_signing_key(const TenantId& tenant, jose::Algorithm algorithm, KeyState state,
                                                std::string_view common_name, Timestamp now) const;
  [[nodiscard]] NewKey make_secret(const TenantId& tenant, SecretPurpose purpose) const;

  Result<void> insert(storage::Transaction& tx, const TenantId& tenant, const std::vector<NewKey>& keys, Timestamp now) const;
  /// Stores a current key and its next one only where the tenant has none of that purpose and algorithm; whether it did.
  Result<bool> insert_if_missing(storage::Transaction& tx, const TenantId& tenant, const std::vector<NewKey>& keys, Timestamp now) const;

  /// All signing keys, revoked ones too: current, next, previous, revoked; RS256 first.
  [[nodiscard]] Result<std::vector<SigningKeyRecord>> signing_keys(storage::Reader& reader, const TenantId& tenant) const;
  [[nodiscard]] Result<std::optional<SigningKeyRecord>> find_signing_key(storage::Reader& reader, const TenantId& tenant,
                                                                         std::string_view kid) const;

  /// For each algorithm in `next` (KeyRing::make_next_keys): next becomes current, current becomes previous, the given key is the new
  /// next. Verifiers that fetched the JWKS before keep verifying, since they saw the new current key as next.
  Result<void> rotate(storage::Transaction& tx, const TenantId& tenant, const std::vector<NewKey>& next, Timestamp now) const;
  /// Ends a previous key; its private half is erased. Errors: not_found; invalid_argument (current or next); a key that is revoked
  /// already stays as it is.
  [[nodiscard]] Result<SigningKeyRecord> revoke(storage::Transaction& tx, const TenantId& tenant, std::string_view kid,
                                                Timestamp now) const;

  /// What KeyRing is made of.
  struct LiveKeys {
    std::vector<std::shared_ptr<const SigningKey>> current;
    std::vector<VerificationKey> verification;  ///< RS256 first; current, next, previous
    std::vector<std::shared_ptr<const SymmetricKey>> secrets;
  };
  /// Errors: internal (a key does not open: another master key, or damaged).
  [[nodiscard]] Result<LiveKeys> live_keys(storage::Reader& reader, const TenantId& tenant) const;

 private:
  [[nodiscard]] NewKey sealed_key(const TenantId& tenant, std::string_view purpose, std::string_view algorithm, KeyState state,
                                  std::string_view secret) const;
  const crypto::Sealer& sealer_;
  crypto::Random& random_;
};

}  // namespace gatehouse::model
