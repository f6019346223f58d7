#include "storage/sqlite/sqlite_database.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "storage/errors.h"
#include "storage/sqlite/migration_session.h"
#include "storage/sqlite/read_pool.h"
#include "storage/sqlite/statistics.h"
#include "storage/sqlite/writer.h"

namespace gatehouse::storage {
namespace {

using sqlite::Connection;

Error file_error(const std::string& what, const std::string& path) {
  const int code = errno;
  return database_error(code == ENOSPC ? Errc::storage_full : Errc::unavailable, what + " " + path + ": " + std::strerror(code));
}

/// A file descriptor that closes itself.
class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// Ownership of the database file: a lock that the kernel drops when the process ends, however it ends.
Result<File> own(const std::string& path) {
  File lock(path + ".lock", O_RDWR | O_CREAT);
  if (!lock.ok()) return file_error("cannot open", path + ".lock");
  if (::flock(lock.fd(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return file_error("cannot lock", path + ".lock");
    return Error{Errc::unavailable, "The database " + path + " is in use by another Gatehouse process.", "locked: " + path + ".lock"};
  }
  return lock;
}

class SqliteReader final : public Reader {
 public:
  explicit SqliteReader(Connection& connection) : connection_(connection) {}
  Result<Rows> run_query(std::string_view sql, const std::vector<Value>& arguments) override {
    if (failure_) return *failure_;  // as on PostgreSQL, where a failed statement ends the transaction
    Result<Rows> rows = connection_.query(sql, arguments);
    if (!rows) failure_ = rows.error();
    return rows;
  }

 private:
  Connection& connection_;
  std::optional<Error> failure_;
};

/// A read transaction: SQLite takes its snapshot at the first statement.
class Snapshot {
 public:
  explicit Snapshot(Connection& connection) : connection_(connection), begun_(connection.control("BEGIN")) {}
  ~Snapshot() {
    if (connection_.in_transaction()) (void)connection_.control("COMMIT");
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  [[nodiscard]] const Result<void>& begun() const { return begun_; }

 private:
  Connection& connection_;
  Result<void> begun_;
};

/// Copies through VACUUM INTO, which reads one snapshot and lets the writer go on.
Result<void> copy_into(Connection& connection, const std::string& file) {
  {
    const File made(file, O_WRONLY | O_CREAT | O_EXCL);
    if (!made.ok()) return file_error("cannot create", file);
  }
  if (Result<void> copied = connection.script("VACUUM INTO '" +
                                              [&] {
                                                std::string quoted;
                                                for (const char c : file) quoted.append(c == '\'' ? 2 : 1, c);
                                                return quoted;
                                              }() +
                                              "'");
      !copied) {
    ::unlink(file.c_str());
    return copied;
  }
  const File made(file, O_RDONLY);
  const size_t slash = file.rfind('/');
  const File folder(slash == file.npos ? "." : file.substr(0, slash + 1), O_RDONLY | O_DIRECTORY);
  if (!made.ok() || ::fsync(made.fd()) != 0 || !folder.ok() || ::fsync(folder.fd()) != 0) return file_error("cannot sync", file);
  return {};
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(File lock, std::string path, milliseconds timeout, std::unique_ptr<Connection> connection,
                 std::unique_ptr<Connection> for_checkpoints)
      : lock_(std::move(lock)),
        path_(path),
        timeout_(timeout),
        readers_(path, timeout),
        checkpointer_(std::move(for_checkpoints)),
        writer_(
            std::move(connection), [path, timeout] { return Connection::open(path, Connection::Mode::writer, timeout); },
            [this](const sqlite::Invalidations& changes) { announce(changes); }, checkpointer_) {}

  Result<void> run_write(const std::function<bool(Transaction&)>& work) override { return run_unit(work, true); }
  Result<void> run_write_unsynced(const std::function<bool(Transaction&)>& work) override { return run_unit(work, false); }

  Result<void> run_read(const std::function<void(Reader&)>& work) override {
    const NestingGuard guard(*this);
    TRY_VOID(guard.allowed());
    TRY(const sqlite::ReadPool::Lease connection, readers_.lend());
    const Snapshot snapshot(*connection);
    TRY_VOID(snapshot.begun());
    SqliteReader reader(*connection);
    work(reader);
    return {};
  }

  void subscribe(Subscriber subscriber) override { subscribers_.push_back(std::move(subscriber)); }
  [[nodiscard]] std::string_view kind() const override { return "sqlite"; }

  Result<void> ping() override {
    TRY_VOID(read([](Reader& reader) { return reader.query_one("SELECT 1"); }));
    return {};
  }

  Result<void> backup(const std::string& file) override {
    TRY(const std::unique_ptr<Connection> connection, Connection::open(path_, Connection::Mode::backup, timeout_));
    return copy_into(*connection, file);
  }

 private:
  Result<void> run_unit(const std::function<bool(Transaction&)>& work, bool synced) {
    const NestingGuard guard(*this);
    TRY_VOID(guard.allowed());
    // The guard of the thread that really runs the work: a read or write inside it would be the same mistake.
    const std::function<bool(Transaction&)> guarded = [&](Transaction& tx) {
      const NestingGuard inner(*this);
      return work(tx);
    };
    return writer_.run(guarded, synced);
  }

  void announce(const sqlite::Invalidations& changes) const {
    for (const auto& [tenant, what] : changes) {
      for (const Subscriber& subscriber : subscribers_) subscriber(tenant, what);
    }
  }

  File lock_;  ///< first in, last out
  const std::string path_;
  const milliseconds timeout_;
  std::vector<Subscriber> subscribers_;
  sqlite::ReadPool readers_;
  sqlite::Checkpointer checkpointer_;
  sqlite::Writer writer_;
};

}  // namespace

std::string sqlite_path(std::string_view url) {
  url.remove_prefix(std::min(url.size(), std::string_view("sqlite:").size()));
  if (url.starts_with("///")) url.remove_prefix(2);
  return std::string(url);
}

Result<std::unique_ptr<Database>> open_sqlite(const DatabaseOptions& options) {
  const std::string path = sqlite_path(options.url);
  if (path.empty()) return Error{Errc::invalid_argument, "The database URL names no file.", ""};
  TRY(File lock, own(path));
  // Made here rather than by SQLite for its mode; the files beside it (-wal, -shm) inherit it.
  if (const File file(path, O_RDWR | O_CREAT); !file.ok()) return file_error("cannot open", path);
  TRY(std::unique_ptr<Connection> connection, Connection::open(path, Connection::Mode::writer, options.statement_timeout));
  TRY(const Rows mode, connection->query("PRAGMA journal_mode", {}));
  if (mode.empty() || mode.front().text(0) != "wal") {
    return database_error(Errc::unavailable, "the file system of " + path + " does not support SQLite's WAL");
  }
  sqlite::SqliteMigrationSession session(*connection);
  TRY_VOID(migrate(session, all_migrations()));
  TRY_VOID(sqlite::describe_tables(*connection));
  TRY(std::unique_ptr<Connection> for_checkpoints, Connection::open(path, Connection::Mode::backup, options.statement_timeout));
  return std::unique_ptr<Database>(
      new SqliteDatabase(std::move(lock), path, options.statement_timeout, std::move(connection), std::move(for_checkpoints)));
}

Result<void> backup_sqlite(const DatabaseOptions& options, const std::string& file) {
  TRY(const std::unique_ptr<Connection> connection,
      Connection::open(sqlite_path(options.url), Connection::Mode::backup, options.statement_timeout));
  return copy_into(*connection, file);
}

}  // namespace gatehouse::storage
