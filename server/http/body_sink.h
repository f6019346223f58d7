#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "http/response.h"

namespace gatehouse::http {

struct Request;

/// Takes a body that is too large for memory, in pieces, one after the other on the route's lane, as they come from the client: who takes
/// slowly slows the client down. What was begun when a client vanishes is for the destructor, which must not block.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// The next piece. An answer refuses the rest: it is sent, and the connection ends. May block.
  virtual std::optional<Response> take(std::string_view piece) = 0;
};

/// Opens one when a request's first piece is there (its head is complete, its tenant known). May block.
using SinkOpener = std::function<std::unique_ptr<BodySink>(const Request&)>;

/// Size of a piece in bytes. A body no longer than that comes to the handler whole, without a sink.
inline constexpr size_t kBodyPiece = 256 * 1024;

}  // namespace gatehouse::http
