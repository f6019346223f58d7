#pragma once
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/database.h"
#include "storage/sqlite/checkpointer.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/gate.h"

namespace gatehouse::storage::sqlite {

/// What a commit changed in the caches: tenant and table.
using Invalidations = std::vector<std::pair<TenantId, std::string>>;

/// The one thread that writes, with group commit: units of work that queued while the last fsync ran share the next one.
/// None is answered before the commit that holds it is on stable storage. One that fails takes nothing with it: most fail before they
/// have changed anything; after one that had, the batch is run again with a savepoint around each unit. (A savepoint costs a copy of
/// every page that its unit changes, so they are not taken in advance.)
/// When SQLite drops the shared transaction or its commit fails, each unit is run again alone.
class Writer {
 public:
  /// `announce` is told what each unit of work changed, on the writer's thread, before any of its batch is answered: whoever saw
  /// another's change inside its own unit of work must not meet a cache from before.
  Writer(std::unique_ptr<Connection> connection, std::function<Result<std::unique_ptr<Connection>>()> reopen,
         std::function<void(const Invalidations&)> announce, Checkpointer& checkpointer);
  ~Writer();  ///< finishes what is queued
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Runs `work` and waits, unless not `synced` without waiting for the disk. Rethrows what `work` throws.
  Result<void> run(const std::function<bool(Transaction&)>& work, bool synced);

 private:
  /// Lives on the caller's stack until it is answered.
  struct Unit {
    const std::function<bool(Transaction&)>* work;
    bool synced = true;
    Result<void> result{};
    std::exception_ptr exception{};
    Invalidations invalidations{};
  };
  enum class Outcome { keep, undo, transaction_lost };

  void loop();
  void run_batch(const std::vector<Unit*>& batch);
  enum class Together { done, lost, needs_undo };
  Together run_together(const std::vector<Unit*>& batch, bool with_savepoints);
  void run_alone(Unit& unit);
  Outcome attempt(Unit& unit);
  Result<void> begin(bool synced);
  void abandon();

  std::unique_ptr<Connection> connection_;  ///< the writer thread's
  std::function<Result<std::unique_ptr<Connection>>()> reopen_;
  std::function<void(const Invalidations&)> announce_;
  Checkpointer& checkpointer_;

  int batches_with_savepoints_ = 0;  ///< how many of the next batches get them at once, because one was needed lately

  std::mutex mutex_;  ///< protects the next four
  std::condition_variable queued_;
  std::vector<Unit*> queue_;  ///< the next batch: no longer than there are threads that write
  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();  ///< where that batch waits
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace gatehouse::storage::sqlite
