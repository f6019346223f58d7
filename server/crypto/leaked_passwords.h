#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatehouse::crypto {

/// Passwords that are known from breaches, as a file of their SHA-1 digests in ascending order: the form in which the public range data
/// ("Pwned Passwords", ordered by hash) is downloaded as a whole. One line a password, `<40 hex digits>` and, ignored, `:<count>`.
/// Nothing of the file is kept in memory: a look-up is a binary search of some forty reads. Safe from many threads.
class LeakedPasswords {
 public:
  /// Opens the file and looks at its first line. Errors: invalid_argument, naming what is wrong.
  static Result<std::unique_ptr<LeakedPasswords>> open(const std::string& path);
  ~LeakedPasswords();
  LeakedPasswords(const LeakedPasswords&) = delete;
  LeakedPasswords& operator=(const LeakedPasswords&) = delete;

  /// Blocks for a few reads of a file. Errors: unavailable (reading failed, or a line is no digest).
  [[nodiscard]] Result<bool> contains(std::string_view password) const;

 private:
  LeakedPasswords(int file, int64_t size) : file_(file), size_(size) {}
  /// The digest of the first line that begins at or after `position`, and where that line begins; empty: there is none.
  struct Line {
    std::string digest;
    int64_t begin = 0;
  };
  [[nodiscard]] Result<Line> line_from(int64_t position) const;
  int file_;
  int64_t size_;
};

}  // namespace gatehouse::crypto
