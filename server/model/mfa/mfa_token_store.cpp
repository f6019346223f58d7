#include "model/mfa/mfa_token_store.h"

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO mfa_tokens (tenant, digest, client_id, user_id, data, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr std::string_view kFind =
    "SELECT digest, client_id, user_id, data, created_at, expires_at FROM mfa_tokens WHERE tenant = $1 AND digest = $2 AND expires_at > $3 "
    "AND used_at IS NULL";
constexpr std::string_view kUpdate = "UPDATE mfa_tokens SET data = $3 WHERE tenant = $1 AND digest = $2 AND used_at IS NULL";
constexpr std::string_view kPut =
    "INSERT INTO mfa_tokens (tenant, digest, client_id, user_id, data, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7) "
    "ON CONFLICT (tenant, digest) DO UPDATE SET data = EXCLUDED.data, used_at = NULL";
constexpr std::string_view kConsume =
    "UPDATE mfa_tokens SET used_at = $3 WHERE tenant = $1 AND digest = $2 AND used_at IS NULL AND expires_at > $3";
constexpr std::string_view kRemoveExpired =
    "DELETE FROM mfa_tokens WHERE (tenant, digest) IN (SELECT tenant, digest FROM mfa_tokens WHERE expires_at <= $1 ORDER BY expires_at "
    "LIMIT $2)";

}  // namespace

std::string MfaTokenStore::make(crypto::Random& random) { return random.base64url(32); }
std::string MfaTokenStore::digest(std::string_view token) { return hex_encode(crypto::sha256(token)); }

Result<void> MfaTokenStore::insert(storage::Transaction& tx, const MfaToken& token) const {
  TRY_VOID(tx.execute(kInsert, token.tenant, token.id, token.client, token.user, json::serialize(token.data), token.created_at,
                      token.expires_at));
  return {};
}

Result<std::optional<MfaToken>> MfaTokenStore::find(storage::Reader& reader, const TenantId& tenant, std::string_view token,
                                                    Timestamp now) const {
  if (token.empty()) return std::optional<MfaToken>{};
  TRY(const std::optional<storage::Row> row, reader.query_one(kFind, tenant, digest(token), now));
  if (!row) return std::optional<MfaToken>{};
  json::value data = json::parse(row->text(3));
  return std::optional(MfaToken{.id = row->text(0),
                                .tenant = tenant,
                                .client = ClientId(row->text(1)),
                                .user = UserId(row->text(2)),
                                .data = data.is_object() ? std::move(data.get_object()) : json::object{},
                                .created_at = row->time(4),
                                .expires_at = row->time(5)});
}

Result<void> MfaTokenStore::update(storage::Transaction& tx, const MfaToken& token) const {
  TRY_VOID(tx.execute(kUpdate, token.tenant, token.id, json::serialize(token.data)));
  return {};
}

Result<void> MfaTokenStore::put(storage::Transaction& tx, const MfaToken& token) const {
  TRY_VOID(
      tx.execute(kPut, token.tenant, token.id, token.client, token.user, json::serialize(token.data), token.created_at, token.expires_at));
  return {};
}

Result<bool> MfaTokenStore::consume(storage::Transaction& tx, const TenantId& tenant, std::string_view id, Timestamp now) const {
  TRY(const int64_t changed, tx.execute(kConsume, tenant, id, now));
  return changed == 1;
}

Result<int64_t> MfaTokenStore::remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const {
  return tx.execute(kRemoveExpired, now, limit);
}

}  // namespace gatehouse::model
