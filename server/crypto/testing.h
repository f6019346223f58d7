#pragma once
#include <mutex>
#include <string>
#include <utility>

#include "crypto/crypto.h"
#include "crypto/random.h"

namespace gatehouse::crypto {

/// Randomness that repeats itself, for tests: SHA-256 over a seed and a counter. Two with one seed give the same bytes;
/// one gives different bytes at every call. Thread-safe.
class FakeRandom final : public Random {
 public:
  explicit FakeRandom(std::string seed = "gatehouse") : seed_(std::move(seed)) {}

  std::string bytes(size_t count) override {
    const std::lock_guard lock(mutex_);
    std::string out;
    while (out.size() < count) out += sha256(seed_ + "/" + std::to_string(counter_++));
    out.resize(count);
    return out;
  }

 private:
  std::mutex mutex_;
  std::string seed_;
  uint64_t counter_ = 0;
};

}  // namespace gatehouse::crypto
