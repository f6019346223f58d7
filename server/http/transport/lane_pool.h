#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "http/lane.h"
#include "http/server.h"

namespace gatehouse::http::transport {

/// The threads of one lane and their bounded queue. Threads start when there is work for them and stay, parked.
class LanePool {
 public:
  LanePool(Lane lane, const LaneOptions& options);
  /// Waits for the tasks that are running.
  ~LanePool();

  /// Queues a task. False, at once, when the queue is full or the pool stops; the task is then untouched. Tasks do not throw.
  [[nodiscard]] bool submit(std::function<void()>& task);
  [[nodiscard]] Server::Load::PerLane load() const;

 private:
  static void* run_thread(void* pool);
  void run();
  bool start_thread();

  const Lane lane_;
  const size_t max_threads_;
  const size_t max_queue_;

  mutable std::mutex mutex_;  // guards all that follows
  std::condition_variable work_;
  std::deque<std::function<void()>> queue_;
  std::vector<pthread_t> threads_;
  size_t idle_ = 0;
  uint64_t refused_ = 0;
  bool stopping_ = false;
};

}  // namespace gatehouse::http::transport
