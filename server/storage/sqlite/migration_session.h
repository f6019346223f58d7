#pragma once
#include "storage/migrations/runner.h"
#include "storage/sqlite/connection.h"

namespace gatehouse::storage::sqlite {

class SqliteMigrationSession final : public MigrationSession {
 public:
  explicit SqliteMigrationSession(Connection& connection) : connection_(connection) {}
  [[nodiscard]] Dialect dialect() const override { return Dialect::sqlite; }
  Result<void> script(const std::string& sql) override { return connection_.script(sql); }
  Result<std::vector<std::string>> strings(const std::string& sql) override {
    TRY(const Rows rows, connection_.query(sql, {}));
    std::vector<std::string> strings;
    for (const Row& row : rows) strings.push_back(row.text(0));
    return strings;
  }

 private:
  Connection& connection_;
};

}  // namespace gatehouse::storage::sqlite
