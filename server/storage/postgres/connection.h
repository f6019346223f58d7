#pragma once
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/database.h"

struct pg_conn;
struct pg_result;

namespace gatehouse::storage::postgres {

/// The sum of all change counters: moves whenever a node invalidates something.
inline constexpr std::string_view change_sum_sql = "SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) FROM change_counters";

/// One connection with its prepared statements, always in pipeline mode. Used by one thread at a time. No call waits
/// longer than the statement timeout and a few seconds.
class Connection {
 public:
  /// Errors: unavailable (nobody answers, or the server is not one we can use; `detail` says).
  static Result<std::unique_ptr<Connection>> open(const DatabaseOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  enum class Begin { write, write_own_rows, read };
  /// Opens a transaction; it travels with the first statement, after a look at the change counters (`changes_seen`).
  void begin(Begin kind);
  /// A statement that travels with the next one, or with COMMIT. When it fails, that one fails with its error.
  void queue(std::string_view sql, std::vector<Value> arguments);
  /// Commits, and returns the answers of the statements that were still queued. Errors: the database's.
  [[nodiscard]] Result<std::vector<Rows>> commit();
  /// Gives the transaction up; harmless when there is none.
  void rollback();
  /// Ends a read transaction without waiting for the answer, which is taken at the next use.
  void end_read();

  [[nodiscard]] Result<Rows> query(std::string_view sql, const std::vector<Value>& arguments);
  [[nodiscard]] Result<int64_t> execute(std::string_view sql, const std::vector<Value>& arguments);
  /// Several statements in the simple protocol; the first column of the last answer.
  [[nodiscard]] Result<std::vector<std::string>> script(const std::string& sql);

  /// The sum of all change counters just before this transaction, once its first statement has run.
  [[nodiscard]] std::optional<int64_t> changes_seen() const { return changes_seen_; }
  /// Whether this transaction failed because it collided with another one (40001, 40P01): it may be run again.
  [[nodiscard]] bool collided() const { return collided_; }
  /// Whether the connection is of no more use.
  [[nodiscard]] bool broken() const;
  /// Whether COMMIT was sent: from there on a broken connection leaves the outcome unknown.
  [[nodiscard]] bool commit_sent() const { return commit_sent_; }
  /// Unique among all living connections of all nodes (an advisory lock).
  [[nodiscard]] int64_t slot() const { return slot_; }

  [[nodiscard]] Result<void> listen(std::string_view channel);
  /// Payloads of notifications that have come, after waiting for one at most this long; `wake` (a file descriptor) ends the wait.
  [[nodiscard]] Result<std::vector<std::string>> wait_for_notifications(milliseconds at_most, int wake);

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  struct ResultDeleter {
    void operator()(pg_result* result) const;
  };
  using ResultPtr = std::unique_ptr<pg_result, ResultDeleter>;
  struct Statement {
    std::string name;
    uint64_t last_used = 0;
  };
  struct Queued {
    std::string sql;
    std::vector<Value> arguments;
  };
  /// What was sent and not yet answered, in the order of the answers.
  struct Sent {
    std::string_view sql;  ///< the key in statements_
    bool with_preparation;
  };

  Connection() = default;
  Result<void> set_up(const DatabaseOptions& options);
  Result<void> send_begin();
  Result<void> send_plain(const char* sql);
  Result<void> send_statement(std::string_view sql, const std::vector<Value>& arguments);
  Result<void> sync();
  Result<void> flush();
  Result<void> wait(short events);
  Result<ResultPtr> next_result();
  Result<ResultPtr> command_result(std::string_view sql);
  Result<void> expect_sync();
  Result<void> drain();
  Result<std::vector<ResultPtr>> exchange(std::string_view sql, const std::vector<Value>& arguments);
  Result<ResultPtr> run(std::string_view sql, const std::vector<Value>& arguments);
  void end_with(std::string_view sql);
  Result<void> take_begin();
  Result<ResultPtr> take_statement();
  void make_room(std::string_view next_sql);
  void forget_oldest_statement();
  Error failure(const pg_result* result, std::string_view sql);
  Error lost(std::string_view what);

  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  pg_conn* handle_ = nullptr;
  std::unordered_map<std::string, Statement, TextHash, std::equal_to<>> statements_;
  uint64_t uses_ = 0;
  milliseconds patience_{15'000};  ///< for one round trip: the server's own timeout comes first
  Deadline deadline_{};            ///< of the round trip under way
  int64_t slot_ = 0;
  std::optional<Begin> begin_pending_{};
  std::optional<Begin> transaction_{};  ///< under way
  bool collided_ = false;
  bool lost_ = false;
  bool commit_sent_ = false;
  int owed_syncs_ = 0;  ///< answers nobody has taken yet
  std::optional<int64_t> changes_seen_{};
  std::vector<Queued> queued_;
  std::deque<Sent> sent_;
  std::vector<std::string_view> unprepared_;  ///< texts whose preparation failed
};

}  // namespace gatehouse::storage::postgres
