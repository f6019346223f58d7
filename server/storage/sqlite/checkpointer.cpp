#include "storage/sqlite/checkpointer.h"

#include <pthread.h>

namespace gatehouse::storage::sqlite {
namespace {

constexpr int pages_between_checkpoints = 1'000;  // SQLite's own default
constexpr int pages_left_to_writer = 500;         // a few milliseconds
constexpr int most_pages = 16'000;                // 64 MB: from here on the writer helps, however much is left
constexpr int slowest_restart_step = 16'000;

}  // namespace

// SQLite's automatic checkpoint never waits for readers, so that under constant reads the log is never started over: it grows without end
// and makes every read slower. The writer's restart waits for them, shortly; when one stays long (a backup), it tries again ever more rarely.
Checkpointer::Checkpointer(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)), restart_due_(pages_between_checkpoints), restart_step_(pages_between_checkpoints),
      thread_([this] { run(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Checkpointer::after_commit(Connection& writer) {
  const int pages = writer.log_pages();
  if (pages < pages_) started_over();  // by SQLite itself: all was copied and nobody was reading it
  pages_ = pages;
  if (pages < pages_between_checkpoints) return;
  const int left = pages - copied_;
  if (left >= pages_between_checkpoints) {
    {
      const std::lock_guard lock(mutex_);
      wanted_ = true;
    }
    wake_.notify_one();
  }
  if (pages < restart_due_ || (left > pages_left_to_writer && pages < most_pages)) return;
  std::unique_lock copying(copying_, std::defer_lock);  // SQLite refuses a second checkpoint beside a running one
  if (pages >= most_pages)
    copying.lock();
  else if (!copying.try_lock())
    return;
  if (writer.restart_log()) {
    started_over();
    pages_ = 0;
  } else {
    restart_step_ = std::min(restart_step_ * 2, slowest_restart_step);
    restart_due_ = pages + restart_step_;
  }
}

void Checkpointer::started_over() {
  const std::lock_guard lock(mutex_);
  ++generation_;
  copied_ = 0;
  restart_due_ = restart_step_ = pages_between_checkpoints;
}

void Checkpointer::run() {
  pthread_setname_np(pthread_self(), "db checkpoint");
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || wanted_; });
    if (stopping_) return;
    wanted_ = false;
    const uint64_t generation = generation_;
    lock.unlock();
    const int copied = [this] {
      const std::lock_guard copying(copying_);
      return connection_->copy_log();
    }();
    lock.lock();
    if (generation == generation_) copied_ = copied;
  }
}

}  // namespace gatehouse::storage::sqlite
