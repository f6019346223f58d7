#pragma once
#include <cstdint>
#include <string>

#include "base/result.h"

namespace gatehouse::http {

/// An answer's body that is too large for memory: asked for its pieces on the route's lane, one after the other, whenever the client has
/// taken the one before; who reads slowly costs one piece. Its destructor must not block.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Bytes of all pieces together, as Content-Length says.
  [[nodiscard]] virtual int64_t size() const = 0;
  /// The next piece, of a few hundred KiB at most. May block. An error, or an empty one before the end, breaks the connection off, so that
  /// the client sees that the file is not whole.
  virtual Result<std::string> next() = 0;
};

}  // namespace gatehouse::http
