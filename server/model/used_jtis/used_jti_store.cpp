#include "model/used_jtis/used_jti_store.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kUse =
    "INSERT INTO used_jtis (tenant, issuer, jti, expires_at) VALUES ($1, $2, $3, $4) ON CONFLICT (tenant, issuer, jti) DO NOTHING";
constexpr std::string_view kRemoveExpired =
    "DELETE FROM used_jtis WHERE (tenant, issuer, jti) IN (SELECT tenant, issuer, jti FROM used_jtis WHERE expires_at < $1 ORDER BY "
    "expires_at LIMIT $2)";

}  // namespace

Result<bool> UsedJtiStore::use(storage::Transaction& tx, const TenantId& tenant, const ClientId& issuer, std::string_view jti,
                               Timestamp expires_at) const {
  TRY(const int64_t inserted, tx.execute(kUse, tenant, issuer, jti, expires_at));
  return inserted == 1;
}

Result<int64_t> UsedJtiStore::remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const {
  return tx.execute(kRemoveExpired, now, limit);
}

}  // namespace gatehouse::model
