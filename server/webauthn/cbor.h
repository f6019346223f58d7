#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::webauthn {

/// Reads CBOR (RFC 8949) as authenticators write it: definite lengths, no tags, shallow (CTAP 2.1 §8). Never allocates and never reads past
/// the end; the first thing that does not fit makes every later read fail.
class CborReader {
 public:
  enum class Kind { unsigned_integer = 0, negative_integer = 1, bytes = 2, text = 3, array = 4, map = 5, tag = 6, simple = 7 };
  explicit CborReader(std::string_view bytes) : bytes_(bytes) {}

  /// What comes next, or nullopt at the end.
  [[nodiscard]] std::optional<Kind> next() const;
  std::optional<uint64_t> map();     ///< number of pairs that follow
  std::optional<uint64_t> array();   ///< number of items that follow
  std::optional<int64_t> integer();  ///< of either sign
  std::optional<std::string_view> text();
  std::optional<std::string_view> bytes();
  /// Steps over one item of any kind, nested at most `depth` levels.
  bool skip(int depth = 4);

  [[nodiscard]] size_t position() const { return position_; }
  [[nodiscard]] bool done() const { return !failed_ && position_ == bytes_.size(); }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  struct Head {
    Kind kind;
    uint64_t value;
  };
  std::optional<Head> head();
  std::optional<uint64_t> count_of(Kind kind);
  std::optional<std::string_view> string_of(Kind kind);
  std::nullopt_t fail() {
    failed_ = true;
    return std::nullopt;
  }
  std::string_view bytes_;
  size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace gatehouse::webauthn
