#include "crypto/password_hash.h"

#include "crypto/password_scheme.h"

namespace gatehouse::crypto {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr auto buffer_idle_time = std::chrono::seconds(10);
constexpr size_t salt_size = 16;
// What a hash is thought to take before the first one was measured.
constexpr auto first_estimate = std::chrono::milliseconds(20);

constexpr std::array<PasswordScheme, 2> schemes{{
    {is_argon2, verify_argon2},
    {is_bcrypt, verify_bcrypt},
}};

const PasswordScheme* scheme_of(std::string_view stored) {
  const auto found = std::ranges::find_if(schemes, [&](const PasswordScheme& scheme) { return scheme.recognises(stored); });
  return found == schemes.end() ? nullptr : &*found;
}

/// A queue in front of the cores: as many run as there are permits, the others wait in the order they came.
class Permits {
 public:
  Permits(size_t count, SteadyClock::duration max_wait) : count_(count), max_wait_(max_wait) {}

  /// Waits for a permit; false at once when the wait would be too long.
  bool acquire() {
    std::unique_lock lock(mutex_);
    const uint64_t ahead = issued_ - finished_;
    if (ahead >= count_) {
      const auto expected = average_ * (ahead - count_ + 1) / count_;
      if (expected > max_wait_) return false;
    }
    const uint64_t ticket = issued_++;
    turn_.wait(lock, [&] { return ticket < finished_ + count_; });
    return true;
  }

  void release(SteadyClock::duration took) {
    {
      const std::lock_guard lock(mutex_);
      ++finished_;
      average_ += (took - average_) / 8;
    }
    turn_.notify_all();
  }

 private:
  const uint64_t count_;
  const SteadyClock::duration max_wait_;
  std::mutex mutex_;
  std::condition_variable turn_;
  uint64_t issued_ = 0;    // tickets given out
  uint64_t finished_ = 0;  // of these, done; ticket n runs as soon as n < finished + count
  SteadyClock::duration average_ = first_estimate;
};

}  // namespace

std::span<const PasswordScheme> password_schemes() { return schemes; }

struct PasswordHasher::Impl {
  Impl(Options o, Random& r)
      : options(o),
        random(r),
        permits(o.permits ? o.permits : std::max(1U, std::thread::hardware_concurrency()), std::chrono::milliseconds(o.max_wait_ms)),
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

  /// Runs `work` while holding a permit.
  template <class F>
  auto with_permit(F&& work) -> decltype(work()) {
    if (!permits.acquire()) return Error{Errc::overloaded, "Too many sign-ins at the moment. Try again in a few seconds."};
    const Permit permit(*this);
    return work();
  }

  Argon2Cost cost() const { return {.memory_kib = options.memory_kib, .passes = options.passes, .lanes = 1}; }

  const Options options;
  Random& random;
  Permits permits;

 private:
  /// Gives an acquired permit back, whatever happens.
  class Permit {
   public:
    explicit Permit(Impl& impl) : impl_(impl) {}
    ~Permit() {
      impl_.permits.release(SteadyClock::now() - start_);
      impl_.used();
    }
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;

   private:
    Impl& impl_;
    const SteadyClock::time_point start_ = SteadyClock::now();
  };

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
  return impl_->with_permit([&] { return hash_argon2id(password, salt, impl_->cost()); });
}

Result<bool> PasswordHasher::verify(std::string_view password, std::string_view stored) {
  const PasswordScheme* scheme = scheme_of(stored);
  if (!scheme) return Error{Errc::invalid_argument, "This is not a password hash of a supported form."};
  return impl_->with_permit([&] { return scheme->verify(password, stored); });
}

Result<void> PasswordHasher::verify_nothing(std::string_view password) {
  constexpr std::string_view salt = "nobody has this ";
  TRY_VOID(impl_->with_permit([&] { return hash_argon2id(password, salt, impl_->cost()); }));
  return {};
}

bool PasswordHasher::needs_rehash(std::string_view stored) const {
  const std::optional<Argon2Cost> cost = argon2id_cost(stored);
  return !cost || cost->memory_kib < impl_->options.memory_kib || cost->passes < impl_->options.passes;
}

bool PasswordHasher::is_supported(std::string_view stored) { return scheme_of(stored) != nullptr; }

}  // namespace gatehouse::crypto
