#include "model/logs/log_store.h"

namespace gatehouse::model {
namespace {

#define LOG_COLUMNS                                                                                                                       \
  "log_id, date, type, description, client_id, client_name, user_id, user_name, connection, connection_id, strategy, strategy_type, ip, " \
  "hostname, user_agent, organization_id, data"

constexpr std::string_view kInsert = "INSERT INTO logs (tenant, " LOG_COLUMNS ") VALUES ";
constexpr size_t kColumns = 18;
constexpr size_t kRowsAtOnce = 32;
constexpr std::string_view kFind = "SELECT " LOG_COLUMNS " FROM logs WHERE tenant = $1 AND log_id = $2";
constexpr std::string_view kAfter =
    "SELECT " LOG_COLUMNS " FROM logs WHERE tenant = $1 AND log_id > $2 AND log_id < $3 ORDER BY tenant, log_id LIMIT $4";
constexpr std::string_view kTenants = "SELECT id FROM tenants ORDER BY id";
constexpr std::string_view kRemove =
    "DELETE FROM logs WHERE tenant = $1 AND log_id IN (SELECT log_id FROM logs WHERE tenant = $2 AND log_id < $3 ORDER BY log_id LIMIT $4)";
constexpr std::string_view kSelect = "SELECT " LOG_COLUMNS " FROM logs WHERE ";
#undef LOG_COLUMNS

/// INSERT of so many rows.
std::string insert_of(size_t rows) {
  std::string sql(kInsert);
  for (size_t row = 0; row < rows; ++row)
    for (size_t column = 0; column < kColumns; ++column)
      sql.append(column != 0 ? ", " : row == 0 ? "(" : "), (").append(1, '$').append(std::to_string(row * kColumns + column + 1));
  return sql + ")";
}

void append_row(std::vector<storage::Value>& row, const LogEntry& e) {
  const auto some = [](const std::string& text) { return text.empty() ? storage::Value() : storage::Value(text); };
  row.insert(row.end(), {e.tenant, e.log_id, e.date, e.type, e.description});
  for (const std::string* text : {&e.client_id, &e.client_name, &e.user_id, &e.user_name, &e.connection, &e.connection_id, &e.strategy,
                                  &e.strategy_type, &e.ip, &e.hostname, &e.user_agent, &e.organization_id})
    row.push_back(some(*text));
  row.emplace_back(e.data);
}

/// The first ids of each alternative, one list after the other.
std::string merged_alternatives(LogCondition& condition, const std::string& order, int64_t of_each) {
  std::string sql;
  const std::string limit = condition.bind(of_each);
  for (const std::string& alternative : condition.alternatives) {
    sql += std::string(sql.empty() ? "" : " UNION ALL ") + "SELECT * FROM (SELECT log_id FROM logs WHERE " + condition.sql + " AND " +
           alternative + order + " LIMIT " + limit + ") part";
  }
  return sql;
}

LogEntry read_entry(const storage::Row& row) {
  const auto text = [&](size_t column) { return row.text_or_null(column).value_or(""); };
  return LogEntry{{},
                  row.text(0),
                  row.time(1),
                  row.text(2),
                  row.text(3),
                  text(4),
                  text(5),
                  text(6),
                  text(7),
                  text(8),
                  text(9),
                  text(10),
                  text(11),
                  text(12),
                  text(13),
                  text(14),
                  text(15),
                  row.text(16)};
}

std::vector<LogEntry> read_entries(const storage::Rows& rows) {
  std::vector<LogEntry> entries;
  entries.reserve(rows.size());
  for (const storage::Row& row : rows) entries.push_back(read_entry(row));
  return entries;
}

}  // namespace

json::object LogEntry::to_json(const TenantId& tenant) const {
  json::object out;
  const auto put = [&out](std::string_view name, const std::string& value) {
    if (!value.empty()) out[name] = value;
  };
  out["date"] = to_iso8601(date);
  out["type"] = type;
  out["description"] = description;
  put("connection", connection);
  out["connection_id"] = connection_id;
  put("client_id", client_id);
  put("client_name", client_name);
  put("ip", ip);
  put("user_agent", user_agent);
  put("hostname", hostname);
  out["user_id"] = user_id;
  out["user_name"] = user_name;
  put("strategy", strategy);
  put("strategy_type", strategy_type);
  put("organization_id", organization_id);
  const Result<json::value> members = parse_json(data);
  if (members && members->is_object())
    for (const auto& [name, value] : members->get_object()) out[name] = value;
  out["$event_schema"] = {{"version", "1.0.0"}};
  out["log_id"] = log_id;
  out["tenant_name"] = tenant.str();
  out["_id"] = log_id;
  out["isMobile"] = user_agent.find("Mobile") != std::string::npos || user_agent.find("Android") != std::string::npos;
  out["id"] = log_id;
  return out;
}

std::string log_id_prefix(Timestamp time) { return "900" + to_compact_digits(time); }

void LogStore::insert(storage::Transaction& tx, std::span<const LogEntry> entries) const {
  static const std::string many = insert_of(kRowsAtOnce), one = insert_of(1);
  while (!entries.empty()) {
    const size_t rows = entries.size() >= kRowsAtOnce ? kRowsAtOnce : 1;
    std::vector<storage::Value> values;
    values.reserve(rows * kColumns);
    for (const LogEntry& entry : entries.first(rows)) append_row(values, entry);
    tx.run_later(rows == 1 ? one : many, std::move(values));
    entries = entries.subspan(rows);
  }
}

Result<std::optional<LogEntry>> LogStore::find(storage::Reader& reader, const TenantId& tenant, std::string_view log_id) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(kFind, tenant, log_id));
  if (!row) return std::optional<LogEntry>{};
  return std::optional<LogEntry>(read_entry(*row));
}

Result<std::vector<LogEntry>> LogStore::list(storage::Reader& reader, const TenantId& tenant, const LogQuery& query,
                                             const Page& page) const {
  TRY(LogCondition condition, compile_log_query(tenant, query));
  const std::string order = page.ascending ? " ORDER BY log_id" : " ORDER BY log_id DESC";
  std::string sql = std::string(kSelect);
  if (condition.alternatives.empty()) {
    sql += condition.sql;
  } else {
    const std::string merged = merged_alternatives(condition, order, page.offset + page.limit);
    sql += "tenant = $1 AND log_id IN (SELECT log_id FROM (" + merged + ") merged" + order;
  }
  sql += (condition.alternatives.empty() ? order : "") + " LIMIT " + condition.bind(page.limit);
  sql += " OFFSET " + condition.bind(page.offset);
  if (!condition.alternatives.empty()) sql += ")" + order;
  TRY(const storage::Rows rows, reader.run_query(sql, condition.arguments));
  return read_entries(rows);
}

Result<int64_t> LogStore::count(storage::Reader& reader, const TenantId& tenant, const LogQuery& query, int64_t at_most) const {
  TRY(LogCondition condition, compile_log_query(tenant, query));
  const std::string found = condition.alternatives.empty() ? "SELECT 1 FROM logs WHERE " + condition.sql
                                                           : "SELECT 1 FROM (" + merged_alternatives(condition, "", at_most) + ") merged";
  const std::string sql = "SELECT COUNT(*) FROM (" + found + " LIMIT " + condition.bind(at_most) + ") AS found";
  TRY(const storage::Rows rows, reader.run_query(sql, condition.arguments));
  return rows.front().int64(0);
}

Result<std::vector<LogEntry>> LogStore::after(storage::Reader& reader, const TenantId& tenant, std::string_view log_id, int64_t limit,
                                              Timestamp until) const {
  TRY(const storage::Rows rows, reader.query(kAfter, tenant, log_id, log_id_prefix(until), limit));
  return read_entries(rows);
}

Result<int64_t> LogStore::remove_before(storage::Transaction& tx, Timestamp before, int64_t limit) const {
  TRY(const storage::Rows tenants, tx.query(kTenants));
  int64_t removed = 0;
  for (const storage::Row& tenant : tenants) {
    TRY(const int64_t rows, tx.execute(kRemove, tenant.text(0), tenant.text(0), log_id_prefix(before), limit - removed));
    removed += rows;
    if (removed >= limit) break;
  }
  return removed;
}

}  // namespace gatehouse::model
