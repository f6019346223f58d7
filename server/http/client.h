#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/forwarded.h"

namespace gatehouse::http {

struct OutboundRequest {
  std::string method = "GET";
  std::string url;  ///< http or https
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  milliseconds timeout{10'000};   ///< connect and whole transfer together
  size_t max_response = 1 << 20;  ///< bytes
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

/// Where calls may go. What is always refused: link-local addresses, cloud metadata services, multicast, "this network".
struct OutboundPolicy {
  bool allow_loopback = false;    ///< loopback or .test issuer only
  bool allow_plain_http = false;  ///< loopback or .test issuer only; an address in `allow` may be called so in any case
  std::vector<Cidr> allow{};      ///< the operator's outbound.allow: private or loopback networks that may be called
  std::string extra_ca_file{};    ///< PEM, trusted besides the system's store; the local CA
};

/// Whether an address may be called at all. Sees through IPv4 addresses that are wrapped in IPv6 ones (mapped, NAT64, 6to4).
[[nodiscard]] bool may_call(const OutboundPolicy& policy, const IpAddress& address);

/// The real client, on libcurl. Thread-safe; connections are kept for a while and used again.
std::unique_ptr<Client> make_client(OutboundPolicy policy);

}  // namespace gatehouse::http
