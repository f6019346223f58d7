#include "model/login_failures/login_failure_store.h"

namespace gatehouse::model {
namespace {

// An expired row starts over; a full one is left alone, so that the statement changes no row.
constexpr std::string_view kCount =
    "INSERT INTO login_failures (tenant, identifier, ip, failures, expires_at) VALUES ($1, $2, $3, 1, $4) "
    "ON CONFLICT (tenant, identifier, ip) DO UPDATE SET "
    "failures = CASE WHEN login_failures.expires_at > $5 THEN login_failures.failures + 1 ELSE 1 END, "
    "notified_at = CASE WHEN login_failures.expires_at > $5 THEN login_failures.notified_at ELSE NULL END, expires_at = $4 "
    "WHERE login_failures.failures < $6 OR login_failures.expires_at <= $5";
constexpr std::string_view kFailures =
    "SELECT failures FROM login_failures WHERE tenant = $1 AND identifier = $2 AND ip = $3 AND expires_at > $4";
constexpr std::string_view kNotify =
    "UPDATE login_failures SET notified_at = $4 WHERE tenant = $1 AND identifier = $2 AND ip = $3 AND (notified_at IS NULL OR notified_at "
    "< $5)";
constexpr std::string_view kGiveBack =
    "UPDATE login_failures SET failures = failures - 1 WHERE tenant = $1 AND identifier = $2 AND ip = $3 AND failures > 0";
constexpr std::string_view kForgive = "DELETE FROM login_failures WHERE tenant = $1 AND identifier = $2 AND ip IN ($3, '')";
constexpr std::string_view kClear = "DELETE FROM login_failures WHERE tenant = $1 AND identifier = $2 AND ip = $3";
constexpr std::string_view kClearAll = "DELETE FROM login_failures WHERE tenant = $1 AND identifier = $2";
constexpr std::string_view kList =
    "SELECT identifier, ip, failures FROM login_failures WHERE tenant = $1 AND identifier = $2 AND failures >= $3 AND expires_at > $4 "
    "ORDER BY ip";
constexpr std::string_view kRemoveExpired =
    "DELETE FROM login_failures WHERE (tenant, identifier, ip) IN "
    "(SELECT tenant, identifier, ip FROM login_failures WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";

}  // namespace

Result<bool> LoginFailureStore::count(storage::Transaction& tx, const TenantId& tenant, std::string_view identifier, std::string_view ip,
                                      int64_t limit, Timestamp now) const {
  TRY(const int64_t changed, tx.execute(kCount, tenant, identifier, ip, now + kLifetime, now, limit));
  return changed == 1;
}

Result<int64_t> LoginFailureStore::failures(storage::Reader& reader, const TenantId& tenant, std::string_view identifier,
                                            std::string_view ip, Timestamp now) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(kFailures, tenant, identifier, ip, now));
  return row ? row->int64(0) : int64_t{0};
}

Result<bool> LoginFailureStore::claim_notification(storage::Transaction& tx, const TenantId& tenant, std::string_view identifier,
                                                   std::string_view ip, Timestamp now) const {
  TRY(const int64_t changed, tx.execute(kNotify, tenant, identifier, ip, now, now - std::chrono::hours(1)));
  return changed == 1;
}

Result<void> LoginFailureStore::give_back(storage::Transaction& tx, const TenantId& tenant, std::string_view identifier,
                                          std::string_view ip) const {
  TRY_VOID(tx.execute(kGiveBack, tenant, identifier, ip));
  return {};
}

Result<void> LoginFailureStore::forgive(storage::Transaction& tx, const TenantId& tenant, std::string_view identifier,
                                        std::string_view ip) const {
  TRY_VOID(tx.execute(kForgive, tenant, identifier, ip));
  return {};
}

Result<void> LoginFailureStore::clear(storage::Transaction& tx, const TenantId& tenant, std::string_view identifier,
                                      std::string_view ip) const {
  TRY_VOID(tx.execute(kClear, tenant, identifier, ip));
  return {};
}

Result<void> LoginFailureStore::clear_all(storage::Transaction& tx, const TenantId& tenant,
                                          const std::vector<std::string>& identifiers) const {
  for (const std::string& identifier : identifiers) TRY_VOID(tx.execute(kClearAll, tenant, identifier));
  return {};
}

Result<std::vector<LoginFailureStore::Entry>> LoginFailureStore::list(storage::Reader& reader, const TenantId& tenant,
                                                                      std::string_view identifier, int64_t at_least, Timestamp now) const {
  TRY(const storage::Rows rows, reader.query(kList, tenant, identifier, at_least, now));
  std::vector<Entry> entries;
  entries.reserve(rows.size());
  for (const storage::Row& row : rows) entries.push_back({row.text(0), row.text(1), row.int64(2)});
  return entries;
}

Result<int64_t> LoginFailureStore::remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const {
  return tx.execute(kRemoveExpired, now, limit);
}

}  // namespace gatehouse::model
