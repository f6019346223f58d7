#include "http/transport/lane_pool.h"

#include <pthread.h>

namespace gatehouse::http::transport {
namespace {

constexpr size_t most_threads = 64;
constexpr int pace_memory = 16;          // tasks
constexpr size_t stack_bytes = 1 << 20;  // address space only: what is not touched costs no memory

}  // namespace

LanePool::LanePool(Lane lane, const LaneOptions& options)
    : lane_(lane),
      max_threads_(std::clamp<size_t>(options.threads, 1, most_threads)),
      max_queue_(options.queue),
      max_wait_(options.max_wait),
      expected_wait_(options.expected_wait) {}

LanePool::~LanePool() {
  std::vector<pthread_t> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
  }
  work_.notify_all();
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
}

bool LanePool::submit(Task& task) {
  const SteadyTime now = std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(mutex_);
    // When every parked thread already has a task to wake up for, another one is needed.
    if (idle_ <= queue_.size() && threads_.size() < max_threads_ && !stopping_) start_thread();
    if (!has_room(now)) {
      ++refused_;
      return false;
    }
    queue_.push_back({now, std::move(task)});
  }
  work_.notify_one();
  return true;
}

/// Whether a task that comes now gets its turn in time. Two signs that it does not: more are before it than are done by then at the usual
/// pace; or somebody waits that long already, because the pace is not the usual one any more.
bool LanePool::has_room(SteadyTime now) const {
  if (stopping_ || threads_.empty()) return false;
  if (queue_.size() < idle_) return true;
  const size_t ahead = queue_.size() - idle_;
  if (ahead >= max_queue_) return false;
  const SteadyTime::duration expected = expected_wait_ ? expected_wait_(ahead) : average_ * int64_t(ahead + 1) / int64_t(threads_.size());
  return expected <= max_wait_ && (queue_.empty() || now - queue_.front().since <= max_wait_);
}

Server::Load::PerLane LanePool::load() const {
  const std::lock_guard lock(mutex_);
  const size_t taken = std::min(idle_, queue_.size());
  return {lane_, queue_.size() - taken, threads_.size() - idle_ + taken, refused_};
}

bool LanePool::start_thread() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_bytes);
  pthread_t thread{};
  const bool started = pthread_create(&thread, &attributes, &LanePool::run_thread, this) == 0;
  pthread_attr_destroy(&attributes);
  if (started) {
    threads_.push_back(thread);
    ++idle_;  // it parks first, and finds the task there
  }
  return started;
}

void* LanePool::run_thread(void* pool) {
  static_cast<LanePool*>(pool)->run();
  return nullptr;
}

void LanePool::run() {
  pthread_setname_np(pthread_self(), ("lane " + std::string(to_string(lane_))).substr(0, 15).c_str());
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    auto [since, task] = std::move(queue_.front());
    queue_.pop_front();
    --idle_;
    lock.unlock();
    const SteadyTime start = std::chrono::steady_clock::now();
    task(start - since);
    task = nullptr;  // what it holds is let go outside the lock
    const SteadyTime end = std::chrono::steady_clock::now();
    lock.lock();
    ++idle_;
    average_ += (end - start - average_) / pace_memory;
  }
}

}  // namespace gatehouse::http::transport
