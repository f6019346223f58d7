#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace gatehouse::http {

struct OutboundRequest {
  std::string method = "GET";
  std::string url;  ///< http or https
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  milliseconds timeout{10'000};        ///< connect and whole transfer together
  size_t max_response = 1 << 20;       ///< bytes
};
struct OutboundResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{};  ///< lower-case names
  std::string body{};
};

/// Calls to other servers. Blocks: only on the outbound lane or in a job. Refuses link-local, metadata and, unless allowed,
/// loopback and private addresses, after name resolution; follows no redirects. Errors: unavailable, timeout, invalid_argument.
class Client {
 public:
  virtual ~Client() = default;
  [[nodiscard]] virtual Result<OutboundResponse> send(const OutboundRequest& request) = 0;
};

}  // namespace gatehouse::http
