#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/database.h"

struct sqlite3;
struct sqlite3_stmt;

namespace gatehouse::storage::sqlite {

/// One connection with its prepared statements. Used by one thread at a time.
class Connection {
 public:
  enum class Mode { writer, reader, backup };
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Mode mode, milliseconds statement_timeout);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] Result<Rows> query(std::string_view sql, const std::vector<Value>& arguments);
  /// Rows changed.
  [[nodiscard]] Result<int64_t> execute(std::string_view sql, const std::vector<Value>& arguments);
  /// A statement without parameters or answer, kept prepared (BEGIN, COMMIT …).
  [[nodiscard]] Result<void> control(std::string_view sql);
  /// Several statements, not kept, without a time limit (migrations, backup).
  [[nodiscard]] Result<void> script(const std::string& sql);
  /// Whether a transaction is open; SQLite drops it by itself after some errors (full disk, I/O, interrupt).
  [[nodiscard]] bool in_transaction() const;
  /// Grows with every row that is inserted, changed or removed, whatever becomes of it.
  [[nodiscard]] int64_t changes() const;
  /// Whether commits from now on wait for the disk (they do at first). Outside a transaction.
  [[nodiscard]] Result<void> sync_commits(bool wanted);
  /// Pages in the write-ahead log after the last commit (the writer's).
  [[nodiscard]] int log_pages() const { return wal_pages_; }
  /// Copies what is in the log into the database, beside a writer. Pages of the log that are copied by then.
  int copy_log();
  /// Copies the rest and starts the log over; waits for readers of the old one, shortly. False when one stays (the writer's).
  bool restart_log();

 private:
  struct Statement {
    sqlite3_stmt* handle = nullptr;
    std::vector<int> positions;  ///< of $1, $2, …: SQLite numbers parameters by first appearance
    uint64_t last_used = 0;
  };
  explicit Connection(milliseconds statement_timeout) : statement_timeout_(statement_timeout) {}
  Result<Statement*> prepare(std::string_view sql);
  Result<Rows> run(std::string_view sql, const std::vector<Value>& arguments, int64_t* changed);
  Result<void> bind(const Statement& statement, const std::vector<Value>& arguments);
  [[nodiscard]] Error failure(std::string_view sql) const;
  void evict_oldest();
  static int past_deadline(void* self);
  static int committed(void* self, sqlite3* handle, const char* name, int wal_pages);

  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  sqlite3* handle_ = nullptr;
  std::unordered_map<std::string, Statement, TextHash, std::equal_to<>> statements_;
  uint64_t uses_ = 0;
  bool syncs_commits_ = true;
  int wal_pages_ = 0;
  milliseconds statement_timeout_;
  std::chrono::steady_clock::time_point deadline_{};
};

}  // namespace gatehouse::storage::sqlite
