#include "model/webauthn_challenges/webauthn_challenge_store.h"

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kIssue =
    "INSERT INTO webauthn_challenges (tenant, purpose, subject, digest, data, expires_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, NULL) "
    "ON "
    "CONFLICT (tenant, purpose, subject) DO UPDATE SET digest = excluded.digest, data = excluded.data, expires_at = excluded.expires_at, "
    "used_at = NULL";
constexpr std::string_view kOutstanding =
    "SELECT data FROM webauthn_challenges WHERE tenant = $1 AND purpose = $2 AND subject = $3 AND digest = $4 AND used_at IS NULL AND "
    "expires_at > $5";
constexpr std::string_view kUse =
    "UPDATE webauthn_challenges SET used_at = $5 WHERE tenant = $1 AND purpose = $2 AND subject = $3 AND digest = $4 AND used_at IS NULL "
    "AND expires_at > $5";
constexpr std::string_view kRemoveExpired =
    "DELETE FROM webauthn_challenges WHERE (tenant, purpose, subject) IN (SELECT tenant, purpose, subject FROM webauthn_challenges WHERE "
    "expires_at < $1 ORDER BY expires_at LIMIT $2)";

std::string digest(std::string_view bytes) { return hex_encode(crypto::sha256(bytes)); }

}  // namespace

Result<void> WebAuthnChallengeStore::issue(storage::Transaction& tx, const WebAuthnChallenge& challenge, Timestamp now) const {
  TRY_VOID(tx.execute(kIssue, challenge.tenant, challenge.purpose, challenge.subject, digest(challenge.bytes),
                      json::serialize(challenge.data), now + kLifetime));
  return {};
}

Result<std::optional<json::object>> WebAuthnChallengeStore::outstanding(storage::Reader& reader, const TenantId& tenant,
                                                                        std::string_view purpose, std::string_view subject,
                                                                        std::string_view bytes, Timestamp now) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(kOutstanding, tenant, purpose, subject, digest(bytes), now));
  if (!row) return std::optional<json::object>{};
  return std::optional<json::object>(json::parse(row->text(0)).as_object());
}

Result<bool> WebAuthnChallengeStore::redeem(storage::Transaction& tx, const TenantId& tenant, std::string_view purpose,
                                            std::string_view subject, std::string_view bytes, Timestamp now) const {
  TRY(const int64_t used, tx.execute(kUse, tenant, purpose, subject, digest(bytes), now));
  return used == 1;
}

Result<int64_t> WebAuthnChallengeStore::remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const {
  return tx.execute(kRemoveExpired, now, limit);
}

}  // namespace gatehouse::model
