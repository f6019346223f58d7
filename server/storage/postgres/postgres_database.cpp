#include "storage/postgres/postgres_database.h"

#include <unistd.h>

#include <random>

#include "storage/errors.h"
#include "storage/postgres/change_watch.h"
#include "storage/postgres/dump.h"
#include "storage/postgres/migration_session.h"
#include "storage/postgres/pool.h"

namespace gatehouse::storage {
namespace {

using postgres::Connection;
using std::chrono::steady_clock;

constexpr int attempts_before_queueing = 2;  // then the unlucky ones of this node go one at a time
constexpr seconds longest_struggle{20};      // after this long in collisions a unit of work gives up
constexpr int reconnects = 3;

class PostgresReader final : public Reader {
 public:
  PostgresReader(Connection& connection, postgres::ChangeWatch& watch) : connection_(connection), watch_(watch) {}
  Result<Rows> run_query(std::string_view sql, const std::vector<Value>& arguments) override {
    if (failure_) return *failure_;
    Result<Rows> rows = connection_.query(sql, arguments);
    if (rows && !compared_) {
      compared_ = true;
      if (Result<void> compared = watch_.compare(connection_); !compared) rows = std::move(compared).error();
    }
    if (!rows) failure_ = rows.error();
    return rows;
  }
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

 private:
  Connection& connection_;
  postgres::ChangeWatch& watch_;
  bool compared_ = false;
  std::optional<Error> failure_;
};

class PostgresTransaction final : public Transaction {
 public:
  PostgresTransaction(Connection& connection, postgres::ChangeWatch& watch) : connection_(connection), watch_(watch) {}

  Result<Rows> run_query(std::string_view sql, const std::vector<Value>& arguments) override {
    if (failure_) return *failure_;
    return remember(connection_.query(sql, arguments));
  }
  Result<int64_t> run_execute(std::string_view sql, const std::vector<Value>& arguments) override {
    if (failure_) return *failure_;
    return remember(connection_.execute(sql, arguments));
  }
  void run_later(std::string_view sql, std::vector<Value> arguments) override {
    if (failure_) return;
    if (Result<void> checked = check_arguments(arguments); !checked) {
      failure_ = std::move(checked).error();
      return;
    }
    connection_.queue(sql, std::move(arguments));
  }
  void invalidate(const TenantId& tenant, std::string_view what) override {
    for (const auto& [known_tenant, known_what] : changes_) {
      if (known_tenant == tenant && known_what == what) return;
    }
    changes_.emplace_back(tenant, what);
  }
  [[nodiscard]] int64_t slot() const override { return connection_.slot(); }
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] const std::vector<std::pair<TenantId, std::string>>& changes() const { return changes_; }

 private:
  template <class T>
  Result<T> remember(Result<T> result) {
    if (result && !compared_) {
      compared_ = true;
      if (Result<void> compared = watch_.compare(connection_); !compared) result = std::move(compared).error();
    }
    if (!result) failure_ = result.error();
    return result;
  }

  Connection& connection_;
  postgres::ChangeWatch& watch_;
  bool compared_ = false;
  std::optional<Error> failure_;
  std::vector<std::pair<TenantId, std::string>> changes_;
};

/// Rolls back on every way out but commit().
struct RollbackUnlessDone {
  Connection& connection;
  ~RollbackUnlessDone() { connection.rollback(); }
};

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(const DatabaseOptions& options, std::string node)
      : options_(options), pool_(options), watch_(options, std::move(node)) {}

  Result<void> run_write(const std::function<bool(Transaction&)>& work) override { return run_unit(work, Begin::write, true); }
  Result<void> run_write_unsynced(const std::function<bool(Transaction&)>& work) override { return run_unit(work, Begin::write, false); }
  Result<void> run_write_own_rows(const std::function<bool(Transaction&)>& work) override { return run_unit(work, Begin::write_own_rows, true); }

  Result<void> run_read(const std::function<void(Reader&)>& work) override {
    const NestingGuard guard(*this);
    TRY_VOID(guard.allowed());
    for (int lost = 0;; ++lost) {
      TRY(const postgres::Pool::Lease connection, pool_.lend());
      connection->begin(Connection::Begin::read);
      PostgresReader reader(*connection, watch_);
      const RollbackUnlessDone rollback{*connection};
      work(reader);
      if (reader.failure() && connection->broken() && lost < reconnects) {
        pool_.forget_idle();
        continue;
      }
      connection->end_read();
      return {};
    }
  }

  void subscribe(Subscriber subscriber) override { watch_.subscribe(std::move(subscriber)); }
  [[nodiscard]] std::string_view kind() const override { return "postgresql"; }
  Result<void> refresh_caches() override { return ping(); }  // every transaction looks
  [[nodiscard]] bool hears_other_nodes() const override { return watch_.listening(); }

  Result<void> ping() override {
    TRY_VOID(read([](Reader& reader) { return reader.query_one("SELECT 1"); }));
    return {};
  }

  Result<void> backup(const std::string& file) override {
    TRY(const std::unique_ptr<Connection> connection, Connection::open(options_));
    return postgres::dump(*connection, file);
  }

 private:
  using Begin = Connection::Begin;
  enum class Again { no, collided, reconnected };

  Result<void> run_unit(const std::function<bool(Transaction&)>& work, Begin kind, bool synced) {
    const NestingGuard guard(*this);
    TRY_VOID(guard.allowed());
    const auto give_up = steady_clock::now() + longest_struggle;
    std::unique_lock<std::mutex> queue(unlucky_, std::defer_lock);
    int lost = 0;
    for (int attempt = 1;; ++attempt) {
      // Collisions cost the others, too: who keeps losing waits for its turn instead of trying ever harder.
      if (attempt > attempts_before_queueing && !queue.owns_lock()) queue.lock();
      Again again = Again::no;
      Result<void> done = try_once(work, kind, synced, again);
      if (again == Again::no) return done;
      if (again == Again::reconnected && ++lost > reconnects) return done;
      if (steady_clock::now() > give_up) return done;
    }
  }

  Result<void> try_once(const std::function<bool(Transaction&)>& work, Begin kind, bool synced, Again& again) {
    TRY(const postgres::Pool::Lease connection, pool_.lend());
    connection->begin(kind);
    if (!synced) connection->queue("SET LOCAL synchronous_commit = off", {});
    PostgresTransaction tx(*connection, watch_);
    const RollbackUnlessDone rollback{*connection};
    const bool wanted = work(tx);
    if (tx.failure() || !wanted) {
      decide(*connection, again);
      return wanted ? Result<void>(*tx.failure()) : Result<void>();
    }
    Result<void> committed = watch_.commit(*connection, tx.changes());
    if (!committed) decide(*connection, again);
    return committed;
  }

  /// Whether a unit of work that failed may run again: not when a lost connection leaves open whether it committed.
  void decide(Connection& connection, Again& again) {
    if (connection.collided()) again = Again::collided;
    if (connection.broken()) {
      pool_.forget_idle();
      if (!connection.commit_sent()) again = Again::reconnected;
    }
  }

  const DatabaseOptions options_;
  postgres::Pool pool_;
  postgres::ChangeWatch watch_;
  std::mutex unlucky_;  ///< held by the one unit of work of this node that collided too often, while it tries again
};

constexpr auto migration_lock_sql = "SELECT pg_advisory_lock(1734440294, 0)";  // nodes that start together take turns

Result<void> migrate_postgres(DatabaseOptions options) {
  options.statement_timeout = std::chrono::hours(6);  // a step over a large table takes its time
  TRY(const std::unique_ptr<Connection> connection, Connection::open(options));
  TRY_VOID(connection->script(migration_lock_sql));
  postgres::PostgresMigrationSession session(*connection);
  return migrate(session, all_migrations());
}

std::string node_name() {
  std::random_device random;  // tells our own notifications from others'; nothing secret
  return std::to_string(::getpid()) + "-" + std::to_string(random()) + std::to_string(random());
}

}  // namespace

Result<std::unique_ptr<Database>> open_postgres(const DatabaseOptions& options) {
  TRY_VOID(migrate_postgres(options));
  return std::unique_ptr<Database>(new PostgresDatabase(options, node_name()));
}

}  // namespace gatehouse::storage
