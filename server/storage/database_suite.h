#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <string>

#include "storage/testing.h"

// The behaviour suite that every database must pass: each *_test.cpp of this folder that says EACH_DATABASE(Suite) runs all of
// its tests on SQLite and on PostgreSQL.
namespace gatehouse::storage {

/// What subscribers were told; lives as long as the database does.
class Heard {
 public:
  void add(const TenantId& tenant, std::string_view what) {
    const std::lock_guard lock(mutex_);
    all_.emplace_back(tenant.str(), what);
  }
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, std::string>> all_;
};

/// A fresh database with one table to play with.
class DatabaseSuite : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const bool sqlite = GetParam() == "sqlite";
    // Migrations make tables; this one is made by hand in the words of each database.
    const std::string sql =
        sqlite ? "CREATE TABLE things (id TEXT NOT NULL PRIMARY KEY, name TEXT UNIQUE, number INTEGER, flag INTEGER, "
                 "data BLOB, used_at INTEGER, parent TEXT REFERENCES things (id)) STRICT"
               : "CREATE TABLE things (id TEXT COLLATE \"C\" NOT NULL PRIMARY KEY, name TEXT COLLATE \"C\" UNIQUE, "
                 "number BIGINT, flag BOOLEAN, data BYTEA, used_at BIGINT, parent TEXT COLLATE \"C\" REFERENCES things (id))";
    const auto made = db_->write([&](Transaction& tx) { return tx.execute(sql); });
    ASSERT_TRUE(made.ok()) << made.error().detail;
  }

  Result<int64_t> insert(std::string_view id, std::string_view name) {
    return db_->write([&](Transaction& tx) { return tx.execute("INSERT INTO things (id, name) VALUES ($1, $2)", id, name); });
  }

  int64_t count() {
    const auto row = db_->read([](Reader& reader) { return reader.query_one("SELECT COUNT(*) FROM things"); });
    EXPECT_TRUE(row.ok());
    return row.ok() ? (*row)->int64(0) : -1;
  }

  bool exists(std::string_view id) {
    const auto row = db_->read([&](Reader& reader) { return reader.query_one("SELECT 1 FROM things WHERE id = $1", id); });
    EXPECT_TRUE(row.ok());
    return row.ok() && row->has_value();
  }

  TestDatabase db_ = make_test_database(GetParam());
};

#define EACH_OF(Suite, ...) \
  INSTANTIATE_TEST_SUITE_P(EachDatabase, Suite, __VA_ARGS__, [](const ::testing::TestParamInfo<std::string>& info) { return info.param; })
#define EACH_DATABASE(Suite) EACH_OF(Suite, ::testing::ValuesIn(::gatehouse::storage::each_database()))
#define EACH_SQLITE(Suite) EACH_OF(Suite, ::testing::Values("sqlite"))
#define EACH_POSTGRES(Suite) EACH_OF(Suite, ::testing::Values("postgresql"))

}  // namespace gatehouse::storage
