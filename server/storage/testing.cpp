#include "storage/testing.h"

#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <mutex>
#include <stdexcept>

#include "storage/migrations/runner.h"
#include "storage/plans/testing.h"
#include "storage/postgres/connection.h"

namespace gatehouse::storage {
namespace {

/// In memory where there is plenty: making a PostgreSQL database (300 files) takes 20 ms there and 250 ms on a disk.
std::string temporary_folder() {
  constexpr std::uintmax_t plenty = std::uintmax_t{2} << 30;
  std::error_code absent;
  const std::filesystem::path memory = "/dev/shm";
  const bool in_memory = std::filesystem::space(memory, absent).available >= plenty && !absent;
  std::string name = ((in_memory ? memory : std::filesystem::temp_directory_path()) / "gatehouse-test-XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("cannot make a temporary folder");
  return name;
}

template <class T>
T wanted(Result<T> result) {
  if (!result) throw std::runtime_error("test database: " + result.error().message + " " + result.error().detail);
  return std::move(result).value();
}

std::unique_ptr<Database> opened(const DatabaseOptions& options) { return watch_plans(wanted(open_database(options))); }

std::string first_line_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string line;
  if (pipe) {
    for (int c = std::fgetc(pipe); c != EOF && c != '\n'; c = std::fgetc(pipe)) line.push_back(static_cast<char>(c));
    if (::pclose(pipe) != 0) line.clear();
  }
  return line;
}

/// A PostgreSQL server for this process; a watcher of the script stops it when the process is gone, however it ends.
std::string start_server() {
  if (const char* given = std::getenv("GATEHOUSE_TEST_POSTGRES"); given && *given) return given;
  const std::filesystem::path source(__FILE__);
  const std::string script = (source.parent_path() / "../../tests/support/postgres.sh").lexically_normal().string();
  const std::string url = first_line_of("'" + script + "' start '" + temporary_folder() + "' " + std::to_string(::getpid()));
  if (url.empty()) throw std::runtime_error("PostgreSQL for the tests did not start; see above");
  return url;
}

const std::string& server_url() {
  static const std::string url = start_server();
  return url;
}

std::string with_database(const std::string& url, const std::string& name) {
  const size_t question = url.find('?');
  const std::string_view address = std::string_view(url).substr(0, question);
  const size_t slash = address.find('/', address.find("://") + 3);
  return std::string(address.substr(0, slash)) + "/" + name + (question == url.npos ? "" : url.substr(question));
}

/// One migrated database per server and set of migrations, from which each test's own is cloned (some 50 ms).
std::string make_template(postgres::Connection& server, const std::string& url) {
  std::string all;
  for (const Migration& migration : all_migrations()) all.append(migration.name).append(migration.text(Dialect::postgresql));
  const std::string name = "gatehouse_template_" + std::to_string(std::hash<std::string>{}(all));
  wanted(server.script("SELECT pg_advisory_lock(1734440295, 0)"));  // several test programs may share the server
  const auto known = wanted(server.script("SELECT datname FROM pg_database WHERE datname = '" + name + "'"));
  if (known.empty()) {
    const std::string making = name + "_new";
    wanted(server.script("DROP DATABASE IF EXISTS " + making));
    wanted(server.script("CREATE DATABASE " + making + " ENCODING 'UTF8' TEMPLATE template0"));
    wanted(open_database({.url = with_database(url, making)})).reset();
    wanted(server.script("ALTER DATABASE " + making + " RENAME TO " + name));
  }
  wanted(server.script("SELECT pg_advisory_unlock(1734440295, 0)"));
  return name;
}

TestDatabase make_postgres(bool empty) {
  static std::mutex mutex;
  static int count = 0;
  const std::lock_guard lock(mutex);
  const std::string& url = server_url();
  const auto server = wanted(postgres::Connection::open({.url = url}));
  static const std::string migrated = make_template(*server, url);
  const std::string name = "gatehouse_test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
  wanted(server->script("CREATE DATABASE " + name + " ENCODING 'UTF8' TEMPLATE " + (empty ? "template0" : migrated)));
  const DatabaseOptions options{.url = with_database(url, name)};
  return {options, "", url, empty ? nullptr : opened(options)};
}

/// Migrated once per process, then copied: the steps' many fsyncs would cost each test a tenth of a second.
std::string migrated_sqlite_file() {
  struct Template {
    std::string folder = temporary_folder();
    Template() { wanted(open_database({.url = "sqlite:" + folder + "/template.db"})).reset(); }
    ~Template() {
      std::error_code ignored;
      std::filesystem::remove_all(folder, ignored);
    }
  };
  static const Template made;
  return made.folder + "/template.db";
}

TestDatabase make_sqlite(bool empty) {
  const std::string folder = temporary_folder();
  const DatabaseOptions options{.url = "sqlite:" + folder + "/test.db"};
  if (!empty) std::filesystem::copy_file(migrated_sqlite_file(), folder + "/test.db");
  return {options, folder, "", empty ? nullptr : opened(options)};
}

}  // namespace

std::vector<std::string> each_database() { return {"sqlite", "postgresql"}; }

TestDatabase::TestDatabase(DatabaseOptions options, std::string folder, std::string server, std::unique_ptr<Database> database)
    : options_(std::move(options)), folder_(std::move(folder)), server_(std::move(server)), database_(std::move(database)) {}

TestDatabase::TestDatabase(TestDatabase&& other) noexcept
    : options_(std::move(other.options_)),
      folder_(std::exchange(other.folder_, {})),
      server_(std::exchange(other.server_, {})),
      database_(std::move(other.database_)) {}

TestDatabase::~TestDatabase() {
  database_.reset();
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  if (server_.empty()) return;
  const std::string name = options_.url.substr(options_.url.rfind('/') + 1);
  if (const auto server = postgres::Connection::open({.url = server_})) {
    (void)(*server)->script("DROP DATABASE IF EXISTS " + name.substr(0, name.find('?')) + " WITH (FORCE)");
  }
}

void TestDatabase::reopen() {
  database_.reset();
  database_ = opened(options_);
}

TestDatabase make_test_database(const std::string& kind) {
  if (kind == "sqlite") return make_sqlite(false);
  if (kind == "postgresql") return make_postgres(false);
  throw std::runtime_error("no test database of kind " + kind);
}

TestDatabase make_empty_database(const std::string& kind) { return kind == "sqlite" ? make_sqlite(true) : make_postgres(true); }

}  // namespace gatehouse::storage
