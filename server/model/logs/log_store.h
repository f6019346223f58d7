#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/logs/log_query.h"
#include "storage/database.h"

namespace gatehouse::model {

/// A tenant log event as stored. Empty texts are absent.
struct LogEntry {
  TenantId tenant{};   ///< whose it is; not filled where entries are read
  std::string log_id;  ///< 900, the time to the microsecond, then what makes it unique: sorts by time
  Timestamp date{};
  std::string type;
  std::string description;
  std::string client_id, client_name;
  std::string user_id, user_name;
  std::string connection, connection_id, strategy, strategy_type;
  std::string ip, hostname, user_agent;
  std::string organization_id;
  std::string data = "{}";  ///< a JSON object's text; its members are shown as they are: audience, scope, tracking_id, details, …

  /// As GET /api/v2/logs gives it.
  [[nodiscard]] json::object to_json(const TenantId& tenant) const;
};

/// The rows of `logs`.
class LogStore {
 public:
  /// Nobody waits for it: when it fails, the unit of work does.
  void insert(storage::Transaction& tx, std::span<const LogEntry> entries) const;
  [[nodiscard]] Result<std::optional<LogEntry>> find(storage::Reader& reader, const TenantId& tenant, std::string_view log_id) const;

  struct Page {
    int64_t offset = 0, limit = 50;
    bool ascending = false;  ///< oldest first
  };
  /// Errors: invalid_argument (the query does not parse; its sentence says why).
  [[nodiscard]] Result<std::vector<LogEntry>> list(storage::Reader& reader, const TenantId& tenant, const LogQuery& query,
                                                   const Page& page) const;
  /// How many match, counting no further than `at_most`.
  [[nodiscard]] Result<int64_t> count(storage::Reader& reader, const TenantId& tenant, const LogQuery& query, int64_t at_most) const;
  /// Events that come after this log_id (empty: from the first one), oldest first, none younger than `until`.
  [[nodiscard]] Result<std::vector<LogEntry>> after(storage::Reader& reader, const TenantId& tenant, std::string_view log_id, int64_t limit,
                                                    Timestamp until) const;

  /// Removes up to `limit` events of all tenants from before then. Rows removed.
  Result<int64_t> remove_before(storage::Transaction& tx, Timestamp before, int64_t limit) const;
};

/// The first part of a log_id: 900 and the time, 23 digits. Everything that happened earlier sorts before it.
std::string log_id_prefix(Timestamp time);

}  // namespace gatehouse::model
