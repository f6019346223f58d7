#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/dialect.h"

namespace gatehouse::storage {

/// One step of the schema, from migrations/NAME.sql.
struct Migration {
  std::string_view name;  ///< 0007_roles
  std::string_view sql;
  std::string_view postgres_sql;  ///< of the twin, or empty

  [[nodiscard]] std::string_view text(Dialect dialect) const {
    return dialect == Dialect::postgresql && !postgres_sql.empty() ? postgres_sql : sql;
  }
};

/// All steps in their order, compiled into the binary.
const std::vector<Migration>& all_migrations();

/// What a driver lends to the runner: one connection that nobody else uses meanwhile.
class MigrationSession {
 public:
  virtual ~MigrationSession() = default;
  [[nodiscard]] virtual Dialect dialect() const = 0;
  /// Runs several statements.
  [[nodiscard]] virtual Result<void> script(const std::string& sql) = 0;
  /// The first column of the answer.
  [[nodiscard]] virtual Result<std::vector<std::string>> strings(const std::string& sql) = 0;
};

/// Runs the steps that have not been run yet, each in its own transaction, and records them in `schema_migrations`. The
/// caller sees to it that nobody else migrates at the same time. Steps recorded there that this binary does not know are
/// left alone: a newer neighbour made them. Errors name the step.
Result<void> migrate(MigrationSession& session, std::span<const Migration> migrations);

}  // namespace gatehouse::storage
