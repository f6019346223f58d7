#include "storage/sqlite/connection.h"

#include <sqlite3.h>

#include <mutex>

#include "storage/errors.h"

namespace gatehouse::storage::sqlite {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr size_t max_statements = 400;                 // a server's constants fit; searches made at run time push each other out
constexpr int steps_between_deadline_checks = 20'000;  // virtual machine steps, well under a millisecond
constexpr int busy_ms = 5'000;                         // another process (a backup, the sqlite3 shell) may hold a lock for a moment
constexpr int checkpoint_busy_ms = 250;  // how long the writer waits for readers of the old log

Errc code_of(int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return Errc::unique_violation;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return Errc::reference_violation;
    default:
      break;
  }
  switch (extended & 0xff) {
    case SQLITE_FULL:
      return Errc::storage_full;
    case SQLITE_INTERRUPT:
      return Errc::timeout;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
      return Errc::unavailable;
    default:
      return Errc::internal;
  }
}

Value value_of(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return static_cast<int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement, column)));
    }
    case SQLITE_BLOB: {
      const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
      const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
      return Bytes{size == 0 ? std::string() : std::string(data, size)};
    }
    default:
      return nullptr;
  }
}

/// Resets a statement when it goes out of use, also on the way out of an exception.
struct Resetter {
  sqlite3_stmt* statement;
  ~Resetter() {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
  }
};

constexpr const char* common_settings =
    "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF; "
    "PRAGMA case_sensitive_like=ON;";  // LIKE as in PostgreSQL
constexpr const char* writer_settings = "PRAGMA journal_mode=WAL; PRAGMA cache_size=-8192; PRAGMA journal_size_limit=67108864;";
constexpr const char* reader_settings = "PRAGMA query_only=ON; PRAGMA cache_size=-1024;";

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Mode mode, milliseconds statement_timeout) {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });  // its statistics cost a global lock
  std::unique_ptr<Connection> connection(new Connection(statement_timeout));
  if (sqlite3_open_v2(path.c_str(), &connection->handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) {
    return connection->failure("open " + path);
  }
  sqlite3* handle = connection->handle_;
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, busy_ms);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);  // "x" is a column, never a text
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  TRY_VOID(connection->script(common_settings));
  switch (mode) {
    case Mode::writer:
      TRY_VOID(connection->script(writer_settings));
      break;
    case Mode::reader:
      TRY_VOID(connection->script(reader_settings));
      break;
    case Mode::backup:
      break;  // VACUUM INTO writes only the copy, but is refused under query_only
  }
  if (mode == Mode::writer) {
    sqlite3_wal_hook(handle, &Connection::committed, connection.get());  // in place of SQLite's automatic checkpoint (checkpointer.h)
  }
  sqlite3_progress_handler(handle, steps_between_deadline_checks, &Connection::past_deadline, connection.get());
  return connection;
}

Connection::~Connection() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement.handle);
  sqlite3_close(handle_);
}

int Connection::past_deadline(void* self) {
  const auto& connection = *static_cast<Connection*>(self);
  return connection.deadline_.time_since_epoch().count() != 0 && std::chrono::steady_clock::now() > connection.deadline_;
}

int Connection::committed(void* self, sqlite3*, const char*, int wal_pages) {
  static_cast<Connection*>(self)->wal_pages_ = wal_pages;
  return SQLITE_OK;
}

int Connection::copy_log() {
  int copied = 0;
  sqlite3_wal_checkpoint_v2(handle_, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, &copied);
  return std::max(copied, 0);
}

bool Connection::restart_log() {
  sqlite3_busy_timeout(handle_, checkpoint_busy_ms);
  const int code = sqlite3_wal_checkpoint_v2(handle_, "main", SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  sqlite3_busy_timeout(handle_, busy_ms);
  if (code == SQLITE_OK) wal_pages_ = 0;
  return code == SQLITE_OK;
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

int64_t Connection::changes() const { return sqlite3_total_changes64(handle_); }

Error Connection::failure(std::string_view sql) const {
  const int extended = handle_ ? sqlite3_extended_errcode(handle_) : SQLITE_NOMEM;
  std::string message = handle_ ? sqlite3_errmsg(handle_) : "out of memory";
  const Errc code = code_of(extended);
  constexpr std::string_view unique_prefix = "UNIQUE constraint failed: ";
  if (code == Errc::unique_violation && message.starts_with(unique_prefix)) {
    return database_error(code, message.substr(unique_prefix.size()));
  }
  return database_error(code, "sqlite " + std::to_string(extended) + ": " + message + " in: " + std::string(sql.substr(0, 200)));
}

Result<Connection::Statement*> Connection::prepare(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) {
    found->second.last_used = ++uses_;
    return &found->second;
  }
  if (statements_.size() >= max_statements) evict_oldest();
  Statement statement;
  const char* tail = nullptr;
  if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement.handle, &tail) !=
      SQLITE_OK) {
    return failure(sql);
  }
  const std::string_view rest = sql.substr(static_cast<size_t>(tail - sql.data()));
  const int count = sqlite3_bind_parameter_count(statement.handle);
  for (int number = 1; number <= count; ++number) {
    const std::string name = "$" + std::to_string(number);
    const int position = sqlite3_bind_parameter_index(statement.handle, name.c_str());
    if (position != 0) statement.positions.push_back(position);
  }
  if (!statement.handle || rest.find_first_not_of(" \t\r\n;") != rest.npos || statement.positions.size() != static_cast<size_t>(count)) {
    sqlite3_finalize(statement.handle);
    return database_error(Errc::internal, "not exactly one statement with parameters $1 to $n: " + std::string(sql.substr(0, 200)));
  }
  statement.last_used = ++uses_;
  return &statements_.emplace(std::string(sql), std::move(statement)).first->second;
}

void Connection::evict_oldest() {
  const auto oldest = std::min_element(statements_.begin(), statements_.end(),
                                       [](const auto& a, const auto& b) { return a.second.last_used < b.second.last_used; });
  sqlite3_finalize(oldest->second.handle);
  statements_.erase(oldest);
}

Result<void> Connection::bind(const Statement& statement, const std::vector<Value>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const int position = statement.positions[i];
    sqlite3_stmt* handle = statement.handle;
    // SQLITE_STATIC: the arguments outlive the run, and the bindings are cleared after it.
    const int code = std::visit(
        [&](const auto& v) -> int {
          using T = std::decay_t<decltype(v)>;
          if constexpr (std::is_same_v<T, std::nullptr_t>)
            return sqlite3_bind_null(handle, position);
          else if constexpr (std::is_same_v<T, bool>)
            return sqlite3_bind_int(handle, position, v ? 1 : 0);
          else if constexpr (std::is_same_v<T, int64_t>)
            return sqlite3_bind_int64(handle, position, v);
          else if constexpr (std::is_same_v<T, Bytes>) {
            if (v.data.empty()) return sqlite3_bind_zeroblob(handle, position, 0);
            return sqlite3_bind_blob64(handle, position, v.data.data(), v.data.size(), SQLITE_STATIC);
          } else
            return sqlite3_bind_text64(handle, position, v.data(), v.size(), SQLITE_STATIC, SQLITE_UTF8);
        },
        arguments[i].get());
    if (code != SQLITE_OK) return failure("bind");
  }
  return {};
}

Result<Rows> Connection::run(std::string_view sql, const std::vector<Value>& arguments, int64_t* changed) {
  TRY_VOID(check_arguments(arguments));
  TRY(Statement* const statement, prepare(sql));
  if (arguments.size() != statement->positions.size()) {
    return database_error(Errc::internal, "wrong number of arguments for: " + std::string(sql.substr(0, 200)));
  }
  const Resetter resetter{statement->handle};
  TRY_VOID(bind(*statement, arguments));
  deadline_ = std::chrono::steady_clock::now() + statement_timeout_;
  const auto without_deadline = [](SteadyTime* deadline) { *deadline = {}; };
  const std::unique_ptr<SteadyTime, decltype(without_deadline)> afterwards(&deadline_, without_deadline);
  Rows rows;
  const int columns = sqlite3_column_count(statement->handle);
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement->handle)) == SQLITE_ROW) {
    std::vector<Value> values;
    values.reserve(static_cast<size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      if (sqlite3_column_type(statement->handle, column) == SQLITE_FLOAT) {
        return database_error(Errc::internal, "a fractional number in the answer of: " + std::string(sql.substr(0, 200)));
      }
      values.push_back(value_of(statement->handle, column));
    }
    rows.emplace_back(std::move(values));
  }
  if (code != SQLITE_DONE) return failure(sql);
  if (changed) *changed = sqlite3_stmt_readonly(statement->handle) ? 0 : sqlite3_changes64(handle_);
  return rows;
}

Result<Rows> Connection::query(std::string_view sql, const std::vector<Value>& arguments) { return run(sql, arguments, nullptr); }

Result<int64_t> Connection::execute(std::string_view sql, const std::vector<Value>& arguments) {
  int64_t changed = 0;
  TRY_VOID(run(sql, arguments, &changed));
  return changed;
}

Result<void> Connection::control(std::string_view sql) {
  TRY(Statement* const statement, prepare(sql));
  const Resetter resetter{statement->handle};
  const int code = sqlite3_step(statement->handle);
  if (code != SQLITE_DONE && code != SQLITE_ROW) return failure(sql);
  return {};
}

Result<void> Connection::sync_commits(bool wanted) {
  if (wanted == syncs_commits_) return {};
  TRY_VOID(script(wanted ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL"));
  syncs_commits_ = wanted;
  return {};
}

Result<void> Connection::script(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failure(sql);
  return {};
}

}  // namespace gatehouse::storage::sqlite
