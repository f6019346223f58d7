#include "model/keys/key_store.h"

namespace gatehouse::model {
namespace {

// Auth0's kids have 21 characters.
constexpr size_t kKidSize = 21;
constexpr size_t kSecretSize = 32;
constexpr std::string_view kSigning = "signing";
constexpr std::string_view kTable = "keys";

constexpr std::string_view kInsert =
    "INSERT INTO keys (tenant, kid, purpose, algorithm, state, sealed, certificate, created_at, current_since) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
constexpr std::string_view kHasCurrent = "SELECT kid FROM keys WHERE tenant = $1 AND purpose = $2 AND algorithm = $3 AND state = 'current'";
constexpr std::string_view kSigningKeys =
    "SELECT kid, algorithm, state, certificate, created_at, current_since, current_until, revoked_at FROM keys "
    "WHERE tenant = $1 AND purpose = 'signing' ORDER BY CASE algorithm WHEN 'RS256' THEN 0 ELSE 1 END, algorithm, "
    "CASE state WHEN 'current' THEN 0 WHEN 'next' THEN 1 WHEN 'previous' THEN 2 ELSE 3 END, current_until DESC, kid";
constexpr std::string_view kSigningKey =
    "SELECT kid, algorithm, state, certificate, created_at, current_since, current_until, revoked_at FROM keys "
    "WHERE tenant = $1 AND kid = $2 AND purpose = 'signing'";
constexpr std::string_view kLive =
    "SELECT kid, purpose, algorithm, state, sealed, certificate FROM keys WHERE tenant = $1 AND state <> 'revoked' "
    "ORDER BY CASE algorithm WHEN 'RS256' THEN 0 ELSE 1 END, algorithm, "
    "CASE state WHEN 'current' THEN 0 WHEN 'next' THEN 1 ELSE 2 END, current_until DESC, kid";
constexpr std::string_view kRetireCurrent =
    "UPDATE keys SET state = 'previous', current_until = $4 WHERE tenant = $1 AND purpose = $2 AND algorithm = $3 AND state = 'current'";
constexpr std::string_view kPromoteNext =
    "UPDATE keys SET state = 'current', current_since = $4 WHERE tenant = $1 AND purpose = $2 AND algorithm = $3 AND state = 'next'";
constexpr std::string_view kRevoke =
    "UPDATE keys SET state = 'revoked', revoked_at = $3, sealed = '' WHERE tenant = $1 AND kid = $2 AND purpose = 'signing' AND state = "
    "'previous'";

std::string context(const TenantId& tenant, std::string_view kid) { return "keys/sealed/" + tenant.str() + "/" + std::string(kid); }

Error damaged(std::string_view kid, std::string_view what) {
  return {Errc::internal, "A stored key cannot be used.", "key " + std::string(kid) + ": " + std::string(what)};
}

KeyState parse_state(std::string_view text) {
  for (const KeyState state : {KeyState::next, KeyState::current, KeyState::previous}) {
    if (to_string(state) == text) return state;
  }
  return KeyState::revoked;
}

Result<SigningKeyRecord> read_record(const storage::Row& row) {
  const std::optional<jose::Algorithm> algorithm = jose::parse_algorithm(row.text(1));
  if (!algorithm) return damaged(row.text(0), "unknown algorithm " + row.text(1));
  return SigningKeyRecord{.kid = row.text(0),
                          .algorithm = *algorithm,
                          .state = parse_state(row.text(2)),
                          .certificate = row.bytes(3),
                          .created_at = row.time(4),
                          .current_since = row.time_or_null(5),
                          .current_until = row.time_or_null(6),
                          .revoked_at = row.time_or_null(7)};
}

std::optional<SecretPurpose> parse_purpose(std::string_view text) {
  for (const SecretPurpose purpose : {SecretPurpose::opaque_access_token, SecretPurpose::refresh_token}) {
    if (to_string(purpose) == text) return purpose;
  }
  return std::nullopt;
}

}  // namespace

NewKey KeyStore::sealed_key(const TenantId& tenant, std::string_view purpose, std::string_view algorithm, KeyState state,
                            std::string_view secret) const {
  NewKey key{.kid = random_.alphanumeric(kKidSize), .purpose = std::string(purpose), .algorithm = std::string(algorithm), .state = state};
  key.sealed = sealer_.seal(secret, context(tenant, key.kid));
  return key;
}

Result<NewKey> KeyStore::make_signing_key(const TenantId& tenant, jose::Algorithm algorithm, KeyState state, std::string_view common_name,
                                          Timestamp now) const {
  TRY(const jose::PrivateKey pair, jose::PrivateKey::generate(algorithm));
  NewKey key = sealed_key(tenant, kSigning, jose::to_string(algorithm), state, pair.to_pem().reveal());
  key.certificate = pair.self_signed_certificate(common_name, now);
  return key;
}

NewKey KeyStore::make_secret(const TenantId& tenant, SecretPurpose purpose) const {
  const SecretString secret(random_.bytes(kSecretSize));
  const std::string_view algorithm = purpose == SecretPurpose::refresh_token ? "HS256" : "A256GCM";
  return sealed_key(tenant, to_string(purpose), algorithm, KeyState::current, secret.reveal());
}

Result<std::vector<NewKey>> KeyStore::make_pair(const TenantId& tenant, jose::Algorithm algorithm, std::string_view common_name,
                                                Timestamp now) const {
  std::vector<NewKey> keys;
  for (const KeyState state : {KeyState::current, KeyState::next}) {
    TRY(NewKey key, make_signing_key(tenant, algorithm, state, common_name, now));
    keys.push_back(std::move(key));
  }
  return keys;
}

Result<std::vector<NewKey>> KeyStore::make_first_keys(const TenantId& tenant, std::string_view common_name, Timestamp now) const {
  TRY(std::vector<NewKey> keys, make_pair(tenant, jose::Algorithm::RS256, common_name, now));
  for (const SecretPurpose purpose : {SecretPurpose::opaque_access_token, SecretPurpose::refresh_token}) {
    keys.push_back(make_secret(tenant, purpose));
  }
  return keys;
}

Result<void> KeyStore::insert(storage::Transaction& tx, const TenantId& tenant, const std::vector<NewKey>& keys, Timestamp now) const {
  for (const NewKey& key : keys) {
    const std::optional<Timestamp> current_since = key.state == KeyState::current ? std::optional(now) : std::nullopt;
    const storage::Value certificate = key.certificate ? storage::Value(storage::Bytes{*key.certificate}) : storage::Value(nullptr);
    TRY_VOID(tx.execute(kInsert, tenant, key.kid, key.purpose, key.algorithm, to_string(key.state), key.sealed, certificate, now,
                        current_since));
  }
  tx.invalidate(tenant, kTable);
  return {};
}

Result<bool> KeyStore::insert_if_missing(storage::Transaction& tx, const TenantId& tenant, const std::vector<NewKey>& keys,
                                         Timestamp now) const {
  if (keys.empty()) return false;
  TRY(const std::optional<storage::Row> present, tx.query_one(kHasCurrent, tenant, keys.front().purpose, keys.front().algorithm));
  if (present) return false;
  TRY_VOID(insert(tx, tenant, keys, now));
  return true;
}

Result<std::vector<SigningKeyRecord>> KeyStore::signing_keys(storage::Reader& reader, const TenantId& tenant) const {
  TRY(const storage::Rows rows, reader.query(kSigningKeys, tenant));
  std::vector<SigningKeyRecord> records;
  for (const storage::Row& row : rows) {
    TRY(SigningKeyRecord record, read_record(row));
    records.push_back(std::move(record));
  }
  return records;
}

Result<std::optional<SigningKeyRecord>> KeyStore::find_signing_key(storage::Reader& reader, const TenantId& tenant,
                                                                   std::string_view kid) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(kSigningKey, tenant, kid));
  if (!row) return std::optional<SigningKeyRecord>{};
  TRY(SigningKeyRecord record, read_record(*row));
  return std::optional(std::move(record));
}

Result<void> KeyStore::rotate(storage::Transaction& tx, const TenantId& tenant, const std::vector<NewKey>& next, Timestamp now) const {
  for (const NewKey& key : next) {
    // In this order: the indexes allow one current and one next key at every moment.
    TRY_VOID(tx.execute(kRetireCurrent, tenant, key.purpose, key.algorithm, now));
    TRY(const int64_t promoted, tx.execute(kPromoteNext, tenant, key.purpose, key.algorithm, now));
    if (promoted != 1) return damaged(key.kid, "there is no next key of " + key.algorithm + " to rotate to");
  }
  return insert(tx, tenant, next, now);
}

Result<SigningKeyRecord> KeyStore::revoke(storage::Transaction& tx, const TenantId& tenant, std::string_view kid, Timestamp now) const {
  TRY(std::optional<SigningKeyRecord> record, find_signing_key(tx, tenant, kid));
  if (!record) return Error{Errc::not_found, "There is no such signing key."};
  if (record->state == KeyState::revoked) return std::move(*record);
  if (record->state != KeyState::previous) return Error{Errc::invalid_argument, "Only a previously used signing key can be revoked."};
  TRY_VOID(tx.execute(kRevoke, tenant, kid, now));
  tx.invalidate(tenant, kTable);
  record->state = KeyState::revoked;
  record->revoked_at = now;
  return std::move(*record);
}

Result<KeyStore::LiveKeys> KeyStore::live_keys(storage::Reader& reader, const TenantId& tenant) const {
  TRY(const storage::Rows rows, reader.query(kLive, tenant));
  LiveKeys keys;
  for (const storage::Row& row : rows) {
    const std::string& kid = row.text(0);
    const KeyState state = parse_state(row.text(3));
    if (const std::optional<SecretPurpose> purpose = parse_purpose(row.text(1))) {
      TRY(SecretString secret, sealer_.open(row.text(4), context(tenant, kid)));
      keys.secrets.push_back(std::make_shared<const SymmetricKey>(SymmetricKey{kid, *purpose, state, std::move(secret)}));
      continue;
    }
    const std::optional<jose::Algorithm> algorithm = jose::parse_algorithm(row.text(2));
    if (row.text(1) != kSigning || !algorithm) continue;  // a newer version's: none of ours
    const std::string& certificate = row.bytes(5);
    Result<jose::PublicKey> public_key = jose::PublicKey::from_pem(jose::certificate_pem(certificate), *algorithm);
    if (!public_key) return damaged(kid, public_key.error().message);
    if (state == KeyState::current) {
      TRY(const SecretString pem, sealer_.open(row.text(4), context(tenant, kid)));
      Result<jose::PrivateKey> pair = jose::PrivateKey::from_pem(pem.reveal(), *algorithm);
      if (!pair) return damaged(kid, pair.error().message);
      keys.current.push_back(std::make_shared<const SigningKey>(SigningKey{kid, *std::move(pair), certificate}));
    }
    keys.verification.push_back({kid, state, *std::move(public_key), certificate});
  }
  return keys;
}

}  // namespace gatehouse::model
