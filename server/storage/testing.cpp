#include "storage/testing.h"

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>

namespace gatehouse::storage {
namespace {

std::string temporary_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "gatehouse-test-XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("cannot make a temporary folder");
  return name;
}

std::unique_ptr<Database> opened(const DatabaseOptions& options) {
  Result<std::unique_ptr<Database>> database = open_database(options);
  if (!database) throw std::runtime_error(database.error().message + " " + database.error().detail);
  return std::move(database).value();
}

}  // namespace

std::vector<std::string> each_database() { return {"sqlite", "postgresql"}; }

TestDatabase::TestDatabase(DatabaseOptions options, std::string folder, std::string server, std::unique_ptr<Database> database)
    : options_(std::move(options)), folder_(std::move(folder)), server_(std::move(server)), database_(std::move(database)) {}

TestDatabase::TestDatabase(TestDatabase&& other) noexcept
    : options_(std::move(other.options_)), folder_(std::exchange(other.folder_, {})), server_(std::exchange(other.server_, {})),
      database_(std::move(other.database_)) {}

TestDatabase::~TestDatabase() {
  database_.reset();
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

void TestDatabase::reopen() {
  database_.reset();
  database_ = opened(options_);
}

TestDatabase make_test_database(const std::string& kind) {
  if (kind != "sqlite") throw std::runtime_error("no test database of kind " + kind);
  const std::string folder = temporary_folder();
  const DatabaseOptions options{.url = "sqlite:" + folder + "/test.db"};
  return {options, folder, "", opened(options)};
}

}  // namespace gatehouse::storage
