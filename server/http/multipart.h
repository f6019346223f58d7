#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatehouse::http {

/// Reads multipart/form-data (RFC 7578) as it comes, in pieces of any size; keeps no more than a line or a boundary's length back.
class MultipartReader {
 public:
  /// Told about parts in their order. An error stops the reading and is returned by feed().
  class Receiver {
   public:
    virtual ~Receiver() = default;
    virtual Result<void> begin_part(std::string_view name, std::optional<std::string_view> filename) = 0;
    virtual Result<void> part_data(std::string_view data) = 0;
  };

  /// The boundary that a Content-Type field names; nullopt: it is not multipart/form-data, or names none that RFC 2046 allows.
  static std::optional<std::string> boundary_of(std::string_view content_type);

  MultipartReader(std::string_view boundary, Receiver& receiver);
  /// Errors: invalid_argument (malformed, too many parts, too long a head), the receiver's.
  Result<void> feed(std::string_view data);
  /// Whether the closing boundary has come.
  [[nodiscard]] bool complete() const { return stage_ == Stage::over; }

 private:
  enum class Stage { preamble, after_boundary, head, data, over };
  Result<bool> step();
  Result<void> begin(std::string_view head);

  const std::string delimiter_;  ///< CR LF -- boundary
  Receiver& receiver_;
  Stage stage_ = Stage::preamble;
  std::string held_ = "\r\n";  ///< what is not dealt with yet; the first boundary needs no line end before it
  size_t parts_ = 0;
};

}  // namespace gatehouse::http
