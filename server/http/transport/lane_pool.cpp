#include "http/transport/lane_pool.h"

#include <pthread.h>

namespace gatehouse::http::transport {
namespace {

constexpr size_t most_threads = 64;
constexpr size_t stack_bytes = 1 << 20;  // address space only: what is not touched costs no memory

}  // namespace

LanePool::LanePool(Lane lane, const LaneOptions& options)
    : lane_(lane), max_threads_(std::clamp<size_t>(options.threads, 1, most_threads)), max_queue_(options.queue) {}

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

bool LanePool::submit(std::function<void()>& task) {
  {
    const std::lock_guard lock(mutex_);
    // When every parked thread already has a task to wake up for, another one is needed.
    if (idle_ <= queue_.size() && threads_.size() < max_threads_ && !stopping_) start_thread();
    if (stopping_ || threads_.empty() || queue_.size() >= max_queue_ + idle_) {
      ++refused_;
      return false;
    }
    queue_.push_back(std::move(task));
  }
  work_.notify_one();
  return true;
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
    std::function<void()> task = std::move(queue_.front());
    queue_.pop_front();
    --idle_;
    lock.unlock();
    task();
    task = nullptr;  // what it holds is let go outside the lock
    lock.lock();
    ++idle_;
  }
}

}  // namespace gatehouse::http::transport
