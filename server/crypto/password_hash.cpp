#include "crypto/password_hash.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <deque>

#include "crypto/password_formats/imported_hash.h"
#include "crypto/password_scheme.h"

namespace gatehouse::crypto {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr auto buffer_idle_time = std::chrono::seconds(10);
constexpr size_t salt_size = 16;
// What a hash is thought to take before the first one was measured.
constexpr auto first_estimate = std::chrono::milliseconds(20);
// A third of the weight of other threads: enough not to starve when machine tokens take all they can get.
constexpr int niceness = 5;

constexpr std::array<PasswordScheme, 3> schemes{{
    {is_argon2, verify_argon2},
    {is_bcrypt, verify_bcrypt},
    {is_imported_hash, verify_imported_hash},
}};

const PasswordScheme* scheme_of(std::string_view stored) {
  const auto found = std::ranges::find_if(schemes, [&](const PasswordScheme& scheme) { return scheme.recognises(stored); });
  return found == schemes.end() ? nullptr : &*found;
}

/// The threads that hash, one a permit, and the queue before them. Nothing else runs on them and they hold no lock while they hash, so
/// they may be of low priority: whatever else the server has to do comes first, also when there are no more cores than hashes.
class HashThreads {
 public:
  HashThreads(size_t count, SteadyClock::duration max_wait) : count_(count), max_wait_(max_wait) {}

  ~HashThreads() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  [[nodiscard]] size_t count() const { return count_; }

  /// Runs `hash` on one of the threads, in the order of the calls, and waits for it; false at once when the wait would be too long.
  bool run(const std::function<void()>& hash) {
    Job job{hash};
    std::unique_lock lock(mutex_);
    if (wait_behind(running_ + queue_.size()) > max_wait_) return false;
    if (running_ + queue_.size() >= threads_.size() && threads_.size() < count_) threads_.emplace_back([this] { serve(); });
    queue_.push_back(&job);
    work_.notify_one();
    job.end.wait(lock, [&] { return job.done; });
    return true;
  }

  /// How long a hash would wait that is asked for when `more` others have been.
  SteadyClock::duration expected_wait(size_t more) const {
    const std::lock_guard lock(mutex_);
    return wait_behind(running_ + queue_.size() + more);
  }

 private:
  struct Job {
    const std::function<void()>& hash;
    std::condition_variable end{};
    bool done = false;
  };

  SteadyClock::duration wait_behind(size_t others) const {
    return others < count_ ? SteadyClock::duration::zero() : average_ * int64_t(others - count_ + 1) / int64_t(count_);
  }

  void serve() {
    pthread_setname_np(pthread_self(), "hash");
    step_back();
    std::unique_lock lock(mutex_);
    while (true) {
      work_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      Job& job = *queue_.front();
      queue_.pop_front();
      ++running_;
      lock.unlock();
      const auto start = SteadyClock::now();
      job.hash();
      const auto took = SteadyClock::now() - start;
      lock.lock();
      --running_;
      average_ += (took - average_) / 8;
      job.done = true;
      job.end.notify_one();  // with the lock held: once it sees `done`, the job is gone
    }
  }

  static void step_back() {
    const sched_param none{};
    (void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
    (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness);  // on Linux a thread's own
  }

  const size_t count_;
  const SteadyClock::duration max_wait_;
  mutable std::mutex mutex_;  // guards all that follows
  std::condition_variable work_;
  std::deque<Job*> queue_;
  std::vector<std::thread> threads_;  // started when there is work for them
  size_t running_ = 0;
  SteadyClock::duration average_ = first_estimate;
  bool stopping_ = false;
};

}  // namespace

std::span<const PasswordScheme> password_schemes() { return schemes; }

struct PasswordHasher::Impl {
  Impl(Options o, Random& r)
      : options(o),
        random(r),
        threads(o.permits ? o.permits : std::max(1U, std::thread::hardware_concurrency()), std::chrono::milliseconds(o.max_wait_ms)),
        trimmer([this] { trim(); }) {}

  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_all();
    trimmer.join();
    trim_argon2_buffers(SteadyClock::duration::zero());
  }

  /// The result of `work`, which runs on a hashing thread.
  template <class F>
  auto hashed(F&& work) -> decltype(work()) {
    std::optional<decltype(work())> result;
    if (!threads.run([&] { result.emplace(work()); }))
      return Error{Errc::overloaded, "Too many sign-ins at the moment. Try again in a few seconds."};
    used();
    return *std::move(result);
  }

  Argon2Cost cost() const { return {.memory_kib = options.memory_kib, .passes = options.passes, .lanes = 1}; }

  const Options options;
  Random& random;
  HashThreads threads;

 private:
  // A buffer is in the pool now: the trimmer has something to wait for.
  void used() {
    {
      const std::lock_guard lock(mutex);
      if (buffers_out) return;
      buffers_out = true;
    }
    wake.notify_one();
  }

  // Nobody signs in most of the time: 19 MiB a core would be most of the idle server's memory.
  void trim() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      wake.wait(lock, [&] { return stopping || buffers_out; });
      if (wake.wait_for(lock, buffer_idle_time / 2, [&] { return stopping; })) break;
      buffers_out = trim_argon2_buffers(buffer_idle_time) > 0;
    }
  }

  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  bool buffers_out = false;
  std::thread trimmer;
};

PasswordHasher::PasswordHasher(Options options, Random& random) : impl_(std::make_unique<Impl>(options, random)) {}
PasswordHasher::~PasswordHasher() = default;

Result<std::string> PasswordHasher::hash(std::string_view password) {
  const std::string salt = impl_->random.bytes(salt_size);
  return impl_->hashed([&] { return hash_argon2id(password, salt, impl_->cost()); });
}

Result<bool> PasswordHasher::verify(std::string_view password, std::string_view stored) {
  const PasswordScheme* scheme = scheme_of(stored);
  if (!scheme) return Error{Errc::invalid_argument, "This is not a password hash of a supported form."};
  return impl_->hashed([&] { return scheme->verify(password, stored); });
}

Result<void> PasswordHasher::verify_nothing(std::string_view password) {
  constexpr std::string_view salt = "nobody has this ";
  TRY_VOID(impl_->hashed([&] { return hash_argon2id(password, salt, impl_->cost()); }));
  return {};
}

size_t PasswordHasher::permits() const { return impl_->threads.count(); }

std::chrono::nanoseconds PasswordHasher::expected_wait(size_t more) const { return impl_->threads.expected_wait(more); }

bool PasswordHasher::needs_rehash(std::string_view stored) const {
  const std::optional<Argon2Cost> cost = argon2id_cost(stored);
  return !cost || cost->memory_kib < impl_->options.memory_kib || cost->passes < impl_->options.passes;
}

bool PasswordHasher::is_supported(std::string_view stored) { return scheme_of(stored) != nullptr; }

}  // namespace gatehouse::crypto
