#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"

namespace gatehouse::storage {

/// Bytes that are not text (BLOB / BYTEA).
struct Bytes {
  std::string data;
  bool operator==(const Bytes&) const = default;
};

/// A value bound to a statement or read from a row.
class Value {
 public:
  using Variant = std::variant<std::nullptr_t, int64_t, bool, std::string, Bytes>;
  Value(std::nullptr_t = nullptr) : v_(nullptr) {}  // NOLINT: implicit on purpose, binds read well
  template <std::integral T>
  requires(!std::same_as<T, bool>) Value(T i) : v_(static_cast<int64_t>(i)) {}  // NOLINT
  Value(bool b) : v_(b) {}                                                      // NOLINT
  Value(std::string s) : v_(std::move(s)) {}                                    // NOLINT
  Value(std::string_view s) : v_(std::string(s)) {}                             // NOLINT
  Value(const char* s) : v_(std::string(s)) {}                                  // NOLINT
  Value(Bytes b) : v_(std::move(b)) {}                                          // NOLINT
  Value(Timestamp t) : v_(to_micros(t)) {}                                      // NOLINT: time is an int64 of microseconds
  template <class Tag>
  Value(const Id<Tag>& id) : v_(id.str()) {}  // NOLINT
  template <class T>
  Value(const std::optional<T>& o) : Value(o ? Value(*o) : Value(nullptr)) {}  // NOLINT
  [[nodiscard]] const Variant& get() const { return v_; }
  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(v_); }

 private:
  Variant v_;
};

/// One row of an answer; columns by position, in the order of the SELECT or RETURNING list. Reading a column as another
/// type than it holds is a broken invariant (an exception); booleans may be read from SQLite's integers.
class Row {
 public:
  explicit Row(std::vector<Value> values) : values_(std::move(values)) {}
  [[nodiscard]] const Value& value(size_t column) const { return values_.at(column); }
  [[nodiscard]] bool is_null(size_t column) const { return values_.at(column).is_null(); }
  [[nodiscard]] const std::string& text(size_t column) const;
  [[nodiscard]] int64_t int64(size_t column) const;
  [[nodiscard]] bool boolean(size_t column) const;
  [[nodiscard]] const std::string& bytes(size_t column) const;
  [[nodiscard]] Timestamp time(size_t column) const { return from_micros(int64(column)); }
  [[nodiscard]] std::optional<std::string> text_or_null(size_t c) const { return is_null(c) ? std::nullopt : std::optional(text(c)); }
  [[nodiscard]] std::optional<int64_t> int64_or_null(size_t c) const { return is_null(c) ? std::nullopt : std::optional(int64(c)); }
  [[nodiscard]] std::optional<Timestamp> time_or_null(size_t c) const { return is_null(c) ? std::nullopt : std::optional(time(c)); }

 private:
  std::vector<Value> values_;
};
using Rows = std::vector<Row>;

/// Runs statements. One SQL text serves both databases: parameters are $1, $2, … bound by number; see docs/adr for the
/// common subset. Texts should be constants: each connection keeps them prepared, keyed by text.
/// Errors: unavailable, timeout, storage_full, unique_violation, reference_violation, internal.
class Reader {
 public:
  virtual ~Reader() = default;
  template <class... A>
  [[nodiscard]] Result<Rows> query(std::string_view sql, A&&... arguments) {
    return run_query(sql, std::vector<Value>{Value(std::forward<A>(arguments))...});
  }
  /// The first row, or nullopt when there is none.
  template <class... A>
  [[nodiscard]] Result<std::optional<Row>> query_one(std::string_view sql, A&&... arguments) {
    Result<Rows> rows = run_query(sql, std::vector<Value>{Value(std::forward<A>(arguments))...});
    if (!rows) return std::move(rows).error();
    if (rows->empty()) return std::optional<Row>{};
    return std::optional<Row>(std::move(rows->front()));
  }
  /// The same with arguments collected at run time (user search, lists with filters).
  [[nodiscard]] virtual Result<Rows> run_query(std::string_view sql, const std::vector<Value>& arguments) = 0;
};

/// A unit of work in progress. All statements see the ones before; nothing is visible outside until it commits.
/// After a failed statement the unit of work rolls back, whatever `work` returns (PostgreSQL's rule, kept on both): use
/// ON CONFLICT where a collision is to be survived.
class Transaction : public Reader {
 public:
  /// Rows changed.
  template <class... A>
  [[nodiscard]] Result<int64_t> execute(std::string_view sql, A&&... arguments) {
    return run_execute(sql, std::vector<Value>{Value(std::forward<A>(arguments))...});
  }
  [[nodiscard]] virtual Result<int64_t> run_execute(std::string_view sql, const std::vector<Value>& arguments) = 0;
  /// For an effect that nobody looks at: not waited for. On PostgreSQL it travels with the next statement or with COMMIT, which saves a
  /// round trip. When it fails, the unit of work fails with the database's error: not where a collision is to be answered.
  template <class... A>
  void later(std::string_view sql, A&&... arguments) {
    run_later(sql, std::vector<Value>{Value(std::forward<A>(arguments))...});
  }
  virtual void run_later(std::string_view sql, std::vector<Value> arguments) { (void)run_execute(sql, arguments); }
  /// Says that something cached changed; after the commit the caches of this tenant on every node drop `what`
  /// (a table name). Costs one statement at the commit, however often it is called.
  virtual void invalidate(const TenantId& tenant, std::string_view what) = 0;
  /// A small number that no other transaction uses at the same time: rows that everybody updates (counters.h) are split by
  /// it, so that writers do not collide. Always 0 on SQLite, which has one writer.
  [[nodiscard]] virtual int64_t slot() const { return 0; }
};

/// All state. SQLite (one writer thread with group commit, read connections on loan) or PostgreSQL (a pool).
class Database {
 public:
  virtual ~Database() = default;

  /// One unit of work: everything in `work` commits together, durably (fsync) before write() returns, or not at all. An
  /// error returned by `work` rolls back and is returned. `work` may run more than once (deadlock, batch retry): it holds
  /// every read its decision depends on, touches nothing but its transaction and its own result, and does no hashing,
  /// signing or I/O. Blocks: call it on a pooled lane, never on an I/O loop.
  template <class F>
  auto write(F&& work) -> std::invoke_result_t<F&, Transaction&> {
    return unit_of_work(work, [this](const std::function<bool(Transaction&)>& unit) { return run_write(unit); });
  }
  /// The same, for what may be done again: it is not waited for until the disk has it. The unit outlives the end of this process,
  /// whatever ends it; a power cut may take it, with what else came after the last write(). Logins in progress, counted attempts.
  template <class F>
  auto write_unsynced(F&& work) -> std::invoke_result_t<F&, Transaction&> {
    return unit_of_work(work, [this](const std::function<bool(Transaction&)>& unit) { return run_write_unsynced(unit); });
  }
  /// The same as write(), isolated less strictly where the database lets us choose: the unit reads one snapshot, and none of the rows that it writes
  /// was changed by another since. For units whose decision depends on nothing that may not be as old as their own beginning, but for rows
  /// that they write themselves: PostgreSQL then never takes unrelated neighbours on one index page for a collision.
  template <class F>
  auto write_own_rows(F&& work) -> std::invoke_result_t<F&, Transaction&> {
    return unit_of_work(work, [this](const std::function<bool(Transaction&)>& unit) { return run_write_own_rows(unit); });
  }

  /// Reads from one consistent snapshot; may run again when the connection was lost. A point read on SQLite may run on an I/O
  /// loop; anything else blocks.
  template <class F>
  auto read(F&& work) -> std::invoke_result_t<F&, Reader&> {
    using R = std::invoke_result_t<F&, Reader&>;
    std::optional<R> result;
    Result<void> done = run_read([&](Reader& reader) { result.emplace(work(reader)); });
    if (!done) return R(typename R::error_type(std::move(done).error()));
    return std::move(*result);
  }

  /// Called after each commit that named something with invalidate(), on this node at once (before write() returns) and
  /// on the others as they learn of it, from any thread. Subscribers must be quick and never call the database. What one captures
  /// must live as long as the Database: use a Subscription (below) otherwise. Register before serving.
  /// An empty `what` means: everything of this tenant (the node cannot tell what another one changed); an empty tenant:
  /// everything of everybody.
  using Subscriber = std::function<void(const TenantId& tenant, std::string_view what)>;
  virtual void subscribe(Subscriber subscriber) = 0;

  /// "sqlite" or "postgresql".
  [[nodiscard]] virtual std::string_view kind() const = 0;
  /// Drops what other nodes changed since the last look, in one round trip. Transactions do it by themselves; a handler
  /// that decides from caches alone and must not be stale calls this first. Free on SQLite.
  [[nodiscard]] virtual Result<void> refresh_caches() { return {}; }
  /// Whether changes by other nodes arrive at once. While false, `inline` routes are treated as `store`.
  [[nodiscard]] virtual bool hears_other_nodes() const { return true; }
  /// Quick self-check for /readyz.
  [[nodiscard]] virtual Result<void> ping() = 0;
  /// Online, consistent copy into a file that does not exist yet (SQLite file; for PostgreSQL a dump in our own JSON-lines form).
  [[nodiscard]] virtual Result<void> backup(const std::string& file) = 0;

  /// `work` returns whether to commit. The error is the database's own.
  virtual Result<void> run_write(const std::function<bool(Transaction&)>& work) = 0;
  virtual Result<void> run_write_unsynced(const std::function<bool(Transaction&)>& work) { return run_write(work); }
  virtual Result<void> run_write_own_rows(const std::function<bool(Transaction&)>& work) { return run_write(work); }
  virtual Result<void> run_read(const std::function<void(Reader&)>& work) = 0;

 private:
  template <class F, class Run>
  auto unit_of_work(F& work, const Run& run) -> std::invoke_result_t<F&, Transaction&> {
    using R = std::invoke_result_t<F&, Transaction&>;
    std::optional<R> result;
    Result<void> done = run([&](Transaction& tx) {
      result.emplace(work(tx));
      return result->ok();
    });
    if (!done) return R(typename R::error_type(std::move(done).error()));
    return std::move(*result);
  }
};

/// Subscribes for as long as it lives: once its destructor has returned, the subscriber is not called any more. The last member
/// of the class that `subscriber` captures.
class Subscription {
 public:
  Subscription(Database& database, Database::Subscriber subscriber);
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Whether a unique_violation concerns this column: violates(error, "users.email"). Its `detail` lists all of the violated
/// key ("users.tenant, users.email"), the same on both databases.
[[nodiscard]] bool violates(const Error& error, std::string_view table_column);

struct DatabaseOptions {
  std::string url;        ///< "sqlite:/path/file.db" or "postgresql://…"
  size_t pool_size = 32;  ///< connections to PostgreSQL
  milliseconds statement_timeout{10'000};
  milliseconds connect_timeout{5'000};
};

/// Opens (and for SQLite creates, 0600) the database and brings its schema up to date (storage/migrations). A second
/// process on one SQLite file is refused with a message that says so.
Result<std::unique_ptr<Database>> open_database(const DatabaseOptions& options);

/// Database::backup() of a database that another process may have open (`gatehouse backup` beside a running server).
Result<void> backup_database(const DatabaseOptions& options, const std::string& file);

}  // namespace gatehouse::storage
