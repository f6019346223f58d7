#include "storage/counters.h"

namespace gatehouse::storage::counters {
namespace {
constexpr auto add_sql =
    "INSERT INTO counters (tenant, name, slot, value) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (tenant, name, slot) DO UPDATE SET value = counters.value + excluded.value";
constexpr auto remove_sql = "DELETE FROM counters WHERE tenant = $1 AND name = $2";
constexpr auto get_sql = "SELECT CAST(COALESCE(SUM(value), 0) AS BIGINT) FROM counters WHERE tenant = $1 AND name = $2";
}  // namespace

Result<void> add(Transaction& tx, const TenantId& tenant, std::string_view name, int64_t delta) {
  tx.later(add_sql, tenant, name, tx.slot(), delta);
  return {};
}

Result<void> remove(Transaction& tx, const TenantId& tenant, std::string_view name) {
  TRY_VOID(tx.execute(remove_sql, tenant, name));
  return {};
}

Result<int64_t> get(Reader& reader, const TenantId& tenant, std::string_view name) {
  TRY(const std::optional<Row> row, reader.query_one(get_sql, tenant, name));
  return row ? row->int64(0) : 0;
}

}  // namespace gatehouse::storage::counters
