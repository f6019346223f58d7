#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/database.h"

namespace gatehouse::model {

/// Which events: of one user, and matching a search.
struct LogQuery {
  std::string user_id{};  ///< empty: of anybody
  std::string q{};        ///< Lucene (model/users/lucene.h) over the fields of Auth0's log search; empty: all
};

/// A condition on the rows of `logs` and its arguments, $1 being the tenant.
struct LogCondition {
  std::string sql;
  std::vector<storage::Value> arguments;
  /// If any: one of these holds, too, and never two of them. Each leads to its events by an index of its own.
  std::vector<std::string> alternatives{};

  std::string bind(storage::Value value) {
    arguments.push_back(std::move(value));
    return "$" + std::to_string(arguments.size());
  }
};

/// Fields: client_id client_name connection connection_id description date hostname ip log_id organization_id user_id user_name
/// user_agent strategy strategy_type type; a bare term looks at client_name, connection, description, ip, log_id, type and user_name.
/// Letters count as they are. Errors: invalid_argument with a sentence (syntax, unknown field, a wildcard in front of fewer
/// than three characters, a bad date).
Result<LogCondition> compile_log_query(const TenantId& tenant, const LogQuery& query);

}  // namespace gatehouse::model
