#pragma once
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "storage/sqlite/connection.h"

namespace gatehouse::storage::sqlite {

/// Copies the write-ahead log into the database on a thread of its own, while the writer goes on: units of work never wait for the disk
/// to take thousands of scattered pages. What is left for the writer is to start the log over now and then, when nearly all of it is
/// copied.
class Checkpointer {
 public:
  /// `connection` is the thread's own.
  explicit Checkpointer(std::unique_ptr<Connection> connection);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  /// On the writer's thread, after a commit. Costs nothing most of the time.
  void after_commit(Connection& writer);

 private:
  void started_over();
  void run();

  std::unique_ptr<Connection> connection_;
  int pages_ = 0;     ///< in the log after the last commit; this and the next two are the writer's
  int restart_due_;   ///< at so many starting over is tried
  int restart_step_;
  std::mutex copying_;  ///< held while the log is copied
  std::mutex mutex_;    ///< guards the next three
  std::condition_variable wake_;
  bool wanted_ = false;
  bool stopping_ = false;
  uint64_t generation_ = 0;   ///< of the log: how often it was started over
  std::atomic<int> copied_{0};  ///< pages of this generation that are in the database
  std::thread thread_;
};

}  // namespace gatehouse::storage::sqlite
