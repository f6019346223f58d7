#pragma once
#include <memory>
#include <string>
#include <vector>

#include "storage/database.h"

// For the tests of every folder. A store's suite runs on both databases:
//
//   class RoleStoreTest : public ::testing::TestWithParam<std::string> {
//    protected:
//     storage::TestDatabase db_ = storage::make_test_database(GetParam());
//   };
//   INSTANTIATE_TEST_SUITE_P(EachDatabase, RoleStoreTest, ::testing::ValuesIn(storage::each_database()),
//                            [](const auto& info) { return info.param; });
//   … db_->write([&](Transaction& tx) { … });      RoleStore store(*db_);
namespace gatehouse::storage {

/// "sqlite" and "postgresql".
std::vector<std::string> each_database();

/// A database of its own for one test, migrated; removed with the object.
class TestDatabase {
 public:
  TestDatabase(DatabaseOptions options, std::string folder, std::string server, std::unique_ptr<Database> database);
  TestDatabase(TestDatabase&&) noexcept;
  TestDatabase& operator=(TestDatabase&&) = delete;
  ~TestDatabase();

  Database& operator*() const { return *database_; }
  Database* operator->() const { return database_.get(); }
  [[nodiscard]] const DatabaseOptions& options() const { return options_; }
  [[nodiscard]] DatabaseOptions& options() { return options_; }  ///< for the next reopen()
  void close() { database_.reset(); }
  void reopen();  ///< as a restarted server would

 private:
  DatabaseOptions options_;
  std::string folder_;  ///< SQLite: its temporary folder
  std::string server_;  ///< PostgreSQL: URL of the server's maintenance database
  std::unique_ptr<Database> database_;
};

/// `kind` as in each_database(). PostgreSQL: on the server of GATEHOUSE_TEST_POSTGRES, or on one that this process starts
/// through tests/support/postgres.sh and stops at its end. Throws when there is none: PostgreSQL is never skipped.
TestDatabase make_test_database(const std::string& kind);

/// Nothing in it yet and not open: reopen() does what a first start does. For tests of migrations and of options.
TestDatabase make_empty_database(const std::string& kind);

}  // namespace gatehouse::storage
