#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatehouse::model {

/// Finds the elements of one JSON array that comes in pieces, without parsing them; keeps one element at most. Can begin after any element.
class ArrayReader {
 public:
  /// `offset`: where in the file the first byte that will be fed stands; 0, or the offset() after an element.
  explicit ArrayReader(int64_t offset = 0) : offset_(offset), stage_(offset == 0 ? Stage::before_array : Stage::after_element) {}

  void feed(std::string_view data);
  /// The next element as text; nullopt: more must be fed. Valid until the next call. Errors: invalid_argument (no array, an element of
  /// over 1 MiB, something after the array), saying where.
  Result<std::optional<std::string_view>> next();
  /// Where the last element returned by next() ends in the file.
  [[nodiscard]] int64_t offset() const { return offset_; }
  /// Whether the array is closed and nothing but blanks followed so far.
  [[nodiscard]] bool complete() const { return stage_ == Stage::after_array; }

 private:
  enum class Stage { before_array, before_first, before_element, element, after_element, after_array };
  Error malformed(std::string_view what) const;

  std::string held_;  ///< fed and not yet consumed
  size_t at_ = 0;     ///< in held_: what is scanned
  size_t begin_ = 0;  ///< in held_: where the element begins
  int64_t offset_;    ///< of held_[begin_] or, between elements, of held_[at_]
  Stage stage_;
  int64_t depth_ = 0;
  bool in_string_ = false, escaped_ = false;
};

}  // namespace gatehouse::model
