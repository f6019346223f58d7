#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::jobs {

/// A gzip file (RFC 1952, one member) whose pieces are compressed each by itself: between two of them nothing has to be kept but the two
/// numbers of its trailer, so that whoever makes it may go on after an interruption.
class GzipFile {
 public:
  GzipFile() = default;
  /// Goes on with a file of which `bytes` were compressed.
  GzipFile(uint32_t crc, int64_t bytes) : crc_(crc), bytes_(bytes) {}

  /// The file's first bytes.
  static std::string head();
  /// More of the content, compressed. Nothing of it refers to what came before.
  std::string piece(std::string_view content);
  /// The file's last bytes.
  [[nodiscard]] std::string tail() const;

  [[nodiscard]] uint32_t crc() const { return crc_; }
  [[nodiscard]] int64_t bytes() const { return bytes_; }

 private:
  uint32_t crc_ = 0;
  int64_t bytes_ = 0;  ///< of the content so far
};

}  // namespace gatehouse::jobs
