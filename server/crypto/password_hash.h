#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/random.h"

namespace gatehouse::crypto {

/// Hashes and checks passwords. Verifies bcrypt ($2a$, $2b$, $2y$) and Argon2id/i in PHC form; makes Argon2id (m=19456, t=2,
/// p=1, 16-byte salt). A pooled, pre-faulted buffer per hashing thread is wiped between uses. At most `permits` hashes run
/// at once, on threads of low priority; a caller whose expected wait is too long gets Errc::overloaded at once. Blocks for about 18 ms.
class PasswordHasher {
 public:
  struct Options {
    size_t permits = 0;  ///< 0: number of cores
    unsigned memory_kib = 19'456;
    unsigned passes = 2;
    unsigned max_wait_ms = 2'000;  ///< expected wait above which a caller is refused
  };
  PasswordHasher(Options options, Random& random);
  ~PasswordHasher();
  Result<std::string> hash(std::string_view password);
  /// Whether the password fits. bcrypt never sees a password over 72 bytes or with NUL: such a one does not fit.
  Result<bool> verify(std::string_view password, std::string_view stored);
  /// Takes as long as a verify() that fails: for users that do not exist.
  Result<void> verify_nothing(std::string_view password);
  /// How many hashes run at once.
  [[nodiscard]] size_t permits() const;
  /// How long a hash would wait that is asked for after those that wait already and `more` others. Does not block.
  [[nodiscard]] std::chrono::nanoseconds expected_wait(size_t more) const;
  /// Whether `stored` should be replaced by a new hash at the next successful login.
  [[nodiscard]] bool needs_rehash(std::string_view stored) const;
  /// Whether `stored` is a hash this class can verify.
  static bool is_supported(std::string_view stored);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::crypto
