#include "crypto/leaked_passwords.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::crypto {
namespace {

constexpr size_t kDigits = 40;
constexpr size_t kLongestLine = 80;  // digest, colon, count, end of line

bool is_digest(std::string_view text) {
  return text.size() == kDigits && text.find_first_not_of("0123456789ABCDEFabcdef") == std::string_view::npos;
}

}  // namespace

Result<std::unique_ptr<LeakedPasswords>> LeakedPasswords::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Error{Errc::invalid_argument, path + ": " + std::strerror(errno)};
  struct stat about {};
  const bool regular = ::fstat(file, &about) == 0 && S_ISREG(about.st_mode);
  std::unique_ptr<LeakedPasswords> opened(new LeakedPasswords(file, regular ? int64_t(about.st_size) : 0));
  if (!regular) return Error{Errc::invalid_argument, path + " is not a regular file"};
  if (auto first = opened->line_from(0); !first || first->digest.empty())
    return Error{Errc::invalid_argument, path + " is not a sorted list of SHA-1 digests, one a line"};
  return opened;
}

LeakedPasswords::~LeakedPasswords() { ::close(file_); }

Result<LeakedPasswords::Line> LeakedPasswords::line_from(int64_t position) const {
  std::array<char, 2 * kLongestLine + 1> buffer;
  // A line begins after an end of line: one byte before shows whether one begins right here.
  const int64_t from = position > 0 ? position - 1 : 0;
  const ssize_t got = ::pread(file_, buffer.data(), buffer.size(), off_t(from));
  if (got < 0) return Error{Errc::unavailable, "", "the file of leaked passwords cannot be read"};
  const std::string_view text(buffer.data(), size_t(got));
  size_t begin = 0;
  if (position > 0) {
    const size_t end = text.find('\n');
    begin = end == std::string_view::npos ? text.size() : end + 1;
  }
  if (begin >= text.size()) {
    if (from + got >= size_) return Line{};
    return Error{Errc::unavailable, "", "the file of leaked passwords has a line that is too long"};
  }
  const std::string_view digest = text.substr(begin, kDigits);
  if (!is_digest(digest)) return Error{Errc::unavailable, "", "the file of leaked passwords has a line without a digest"};
  return Line{to_lower_ascii(digest), from + int64_t(begin)};
}

Result<bool> LeakedPasswords::contains(std::string_view password) const {
  const std::string wanted = hex_encode(sha1(password));
  int64_t low = 0, high = size_;  // the line, if there is one, begins in [low, high)
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    TRY(const Line line, line_from(middle));
    if (line.digest.empty() || line.begin >= high || line.digest > wanted) {
      high = middle;
    } else if (line.digest < wanted) {
      low = line.begin + 1;
    } else {
      return true;
    }
  }
  return false;
}

}  // namespace gatehouse::crypto
