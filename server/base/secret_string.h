#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse {

/// A secret in memory: move-only, wiped when it dies, without a formatter or stream operator, so that it cannot be
/// logged by accident. Every use goes through reveal(), which is easy to search for.
class SecretString {
 public:
  SecretString() = default;
  explicit SecretString(std::string value) : value_(std::move(value)) {}
  SecretString(SecretString&& other) noexcept : value_(std::exchange(other.value_, {})) {}
  SecretString& operator=(SecretString&& other) noexcept {
    if (this != &other) {
      wipe();
      value_ = std::exchange(other.value_, {});
    }
    return *this;
  }
  SecretString(const SecretString&) = delete;
  SecretString& operator=(const SecretString&) = delete;
  ~SecretString() { wipe(); }

  [[nodiscard]] std::string_view reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  [[nodiscard]] SecretString clone() const { return SecretString(value_); }  ///< the longer way, on purpose

 private:
  void wipe() {
    volatile char* p = value_.data();
    for (size_t i = 0; i < value_.size(); ++i) p[i] = 0;
  }
  std::string value_;
};

}  // namespace gatehouse
