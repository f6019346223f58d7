#pragma once
#include "storage/migrations/runner.h"
#include "storage/postgres/connection.h"

namespace gatehouse::storage::postgres {

class PostgresMigrationSession final : public MigrationSession {
 public:
  explicit PostgresMigrationSession(Connection& connection) : connection_(connection) {}
  [[nodiscard]] Dialect dialect() const override { return Dialect::postgresql; }
  Result<void> script(const std::string& sql) override {
    TRY_VOID(connection_.script(sql));
    return {};
  }
  Result<std::vector<std::string>> strings(const std::string& sql) override { return connection_.script(sql); }

 private:
  Connection& connection_;
};

}  // namespace gatehouse::storage::postgres
