#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "http/lane.h"
#include "http/server.h"
#include "http/transport/timer_wheel.h"

namespace gatehouse::http::transport {

/// The threads of one lane and their queue. Threads start when there is work for them and stay, parked. The queue is bounded by what a
/// task would wait: whoever would wait too long hears so at once, and whoever is let in can rely on his turn.
class LanePool {
 public:
  /// `waited`: how long it was queued. Tasks do not throw.
  using Task = std::function<void(SteadyTime::duration waited)>;

  LanePool(Lane lane, const LaneOptions& options);
  /// Waits for the tasks that are running.
  ~LanePool();

  /// Queues a task. False, at once, when it would wait for too long, the queue is full or the pool stops; the task is then untouched.
  [[nodiscard]] bool submit(Task& task);
  [[nodiscard]] Server::Load::PerLane load() const;

 private:
  static void* run_thread(void* pool);
  void run();
  bool start_thread();
  [[nodiscard]] bool has_room(SteadyTime now) const;

  struct Waiting {
    SteadyTime since;
    Task task;
  };
  const Lane lane_;
  const size_t max_threads_;
  const size_t max_queue_;
  const SteadyTime::duration max_wait_;
  const std::function<std::chrono::nanoseconds(size_t)> expected_wait_;

  mutable std::mutex mutex_;  // guards all that follows
  std::condition_variable work_;
  std::deque<Waiting> queue_;
  std::vector<pthread_t> threads_;
  size_t idle_ = 0;
  SteadyTime::duration average_{};  // time of a task, the latest counting most
  uint64_t refused_ = 0;
  bool stopping_ = false;
};

}  // namespace gatehouse::http::transport
