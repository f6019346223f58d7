#include "storage/sqlite/writer.h"

#include <pthread.h>

#include "storage/errors.h"

namespace gatehouse::storage::sqlite {
namespace {

constexpr int batches_after_undo = 100;

class SqliteTransaction final : public Transaction {
 public:
  explicit SqliteTransaction(Connection& connection) : connection_(connection) {}

  Result<Rows> run_query(std::string_view sql, const std::vector<Value>& arguments) override {
    if (failure_) return *failure_;
    return remember(connection_.query(sql, arguments));
  }
  Result<int64_t> run_execute(std::string_view sql, const std::vector<Value>& arguments) override {
    if (failure_) return *failure_;
    return remember(connection_.execute(sql, arguments));
  }
  void invalidate(const TenantId& tenant, std::string_view what) override {
    for (const auto& [known_tenant, known_what] : invalidations_) {
      if (known_tenant == tenant && known_what == what) return;
    }
    invalidations_.emplace_back(tenant, what);
  }

  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  Invalidations take_invalidations() { return std::move(invalidations_); }

 private:
  template <class T>
  Result<T> remember(Result<T> result) {
    if (!result) failure_ = result.error();
    return result;
  }

  Connection& connection_;
  std::optional<Error> failure_;
  Invalidations invalidations_;
};

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection, std::function<Result<std::unique_ptr<Connection>>()> reopen,
               std::function<void(const Invalidations&)> announce, Checkpointer& checkpointer)
    : connection_(std::move(connection)),
      reopen_(std::move(reopen)),
      announce_(std::move(announce)),
      checkpointer_(checkpointer),
      thread_([this] { loop(); }) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  queued_.notify_one();
  thread_.join();
}

Result<void> Writer::run(const std::function<bool(Transaction&)>& work, bool synced) {
  Unit unit{.work = &work, .synced = synced};
  std::shared_ptr<Gate> gate;
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(&unit);
    gate = gate_;
  }
  queued_.notify_one();
  gate->wait();
  if (unit.exception) std::rethrow_exception(unit.exception);
  return std::move(unit.result);
}

void Writer::loop() {
  pthread_setname_np(pthread_self(), "db writer");
  std::vector<Unit*> batch;
  for (;;) {
    batch.clear();
    auto gate = std::make_shared<Gate>();
    {
      std::unique_lock lock(mutex_);
      queued_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      batch.swap(queue_);
      gate.swap(gate_);
    }
    run_batch(batch);
    for (const Unit* unit : batch) announce_(unit->invalidations);
    gate->open();  // from here on the units may be gone
    checkpointer_.after_commit(*connection_);
  }
}

void Writer::run_batch(const std::vector<Unit*>& batch) {
  if (batch.size() > 1) {
    bool with_savepoints = batches_with_savepoints_ > 0;
    if (with_savepoints) --batches_with_savepoints_;
    Together outcome = run_together(batch, with_savepoints);
    if (outcome == Together::needs_undo) {
      batches_with_savepoints_ = batches_after_undo;
      outcome = run_together(batch, true);
    }
    if (outcome == Together::done) return;
  }
  for (Unit* unit : batch) run_alone(*unit);
}

/// Nothing of the batch is stored unless it is done. `needs_undo`, without savepoints only: a unit failed after it had changed something.
Writer::Together Writer::run_together(const std::vector<Unit*>& batch, bool with_savepoints) {
  if (!begin(std::any_of(batch.begin(), batch.end(), [](const Unit* unit) { return unit->synced; }))) return Together::lost;
  const auto control = [&](std::string_view sql) { return !with_savepoints || connection_->control(sql); };
  for (Unit* unit : batch) {
    if (!control("SAVEPOINT unit")) return abandon(), Together::lost;
    const int64_t changes_before = connection_->changes();
    const Outcome outcome = attempt(*unit);
    if (outcome == Outcome::transaction_lost) return abandon(), Together::lost;
    if (outcome == Outcome::undo && connection_->changes() != changes_before) {
      if (!with_savepoints) return abandon(), Together::needs_undo;
      if (!control("ROLLBACK TO unit")) return abandon(), Together::lost;
    }
    if (!control("RELEASE unit")) return abandon(), Together::lost;
  }
  if (!connection_->control("COMMIT")) return abandon(), Together::lost;
  return Together::done;
}

void Writer::run_alone(Unit& unit) {
  if (Result<void> begun = begin(unit.synced); !begun) {
    unit.result = std::move(begun);
    unit.exception = nullptr;
    unit.invalidations.clear();
    return;
  }
  if (attempt(unit) != Outcome::keep) return abandon();
  if (Result<void> committed = connection_->control("COMMIT"); !committed) {
    unit.result = std::move(committed);
    unit.invalidations.clear();
    abandon();
  }
}

/// Runs the unit once inside the open transaction and notes how it went.
Writer::Outcome Writer::attempt(Unit& unit) {
  SqliteTransaction tx(*connection_);
  bool wanted = false;
  unit.exception = nullptr;
  unit.invalidations.clear();
  try {
    wanted = (*unit.work)(tx);
  } catch (...) {
    unit.exception = std::current_exception();
  }
  unit.result = tx.failure() ? Result<void>(*tx.failure()) : Result<void>();
  // A work that returned an error of its own is answered with that one; the database's is for those that ignored it.
  if (!wanted) unit.result = Result<void>();
  if (!connection_->in_transaction()) return Outcome::transaction_lost;
  if (!wanted || tx.failure()) return Outcome::undo;
  unit.invalidations = tx.take_invalidations();
  return Outcome::keep;
}

Result<void> Writer::begin(bool synced) {
  const auto try_it = [&]() -> Result<void> {
    TRY_VOID(connection_->sync_commits(synced));
    return connection_->control("BEGIN IMMEDIATE");
  };
  Result<void> begun = try_it();
  if (begun || begun.error().code == Errc::internal) return begun;
  // After an I/O error the connection may not recover by itself; a fresh one does as soon as the disk does.
  abandon();
  TRY(connection_, reopen_());
  return try_it();
}

void Writer::abandon() {
  if (connection_->in_transaction()) (void)connection_->control("ROLLBACK");
}

}  // namespace gatehouse::storage::sqlite
