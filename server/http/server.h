#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/router.h"

namespace gatehouse::http {

struct TlsOptions {
  std::string cert_file;  ///< PEM, whole chain
  std::string key_file;   ///< PEM
};

struct LaneOptions {
  size_t threads = 16;  ///< at most 64
  size_t queue = 1024;  ///< waiting requests; a full queue answers 503 with Retry-After
  milliseconds max_wait{500};  ///< so does one that a request would have to wait in for longer
  /// What a request waits for that comes when `ahead` others are queued, where the lane's own pace does not tell: its threads share something
  /// scarcer. Must not block.
  std::function<std::chrono::nanoseconds(size_t ahead)> expected_wait{};
};

struct ServerOptions {
  std::string listen = "loopback";      ///< "loopback" (127.0.0.1 and ::1) or one address
  uint16_t port = 8443;                 ///< 0: any free one (tests)
  std::optional<TlsOptions> tls;        ///< absent: plain HTTP
  size_t io_threads = 0;                ///< 0: one a core
  size_t max_request_line = 16 * 1024;  ///< bytes; 414
  size_t max_header = 32 * 1024;        ///< bytes; 431
  size_t max_header_fields = 100;       ///< 431
  size_t max_body = 1 << 20;            ///< bytes, of routes that name no other limit; 413
  size_t max_connections = 10'000;
  size_t max_connections_per_address = 4'000;
  milliseconds header_timeout{20'000};       ///< for the TLS handshake, and from a request's first byte to the end of its head
  milliseconds body_idle_timeout{20'000};    ///< without progress; the whole body has 60 s
  milliseconds keep_alive_timeout{75'000};   ///< between requests, and before the first
  milliseconds stop_timeout{30'000};         ///< in-flight requests on stop()
  std::vector<std::string> trusted_proxies;  ///< CIDRs whose X-Forwarded-For and -Proto count
  LaneOptions store{32, 1024}, sign_in{32, 512, milliseconds(2000)}, outbound{64, 512, milliseconds(2000)}, admin{16, 512};
};

/// What the server asks of the application before a request reaches its route. Absent ones: any host is served without a
/// tenant, and the answers are plain JSON errors.
struct ServerHooks {
  /// Tenant and issuer for a Host header value (with port); nullopt: 404. Runs on the I/O loop.
  std::function<std::optional<std::pair<TenantId, std::string>>(std::string_view host)> resolve_host;
  /// Answers requests that no route takes (404, 405), knowing which part of the API the path belongs to.
  std::function<Response(const Request&, const Router::Match&)> no_route;
  /// Answers what could not become a request or a handler (400, 408, 413, 414, 431, 500, 503). `request` may be half filled.
  std::function<Response(const Request&, int status, std::string_view message)> failure;
  /// A handler or planner threw: for the server log, never for the client (who gets `failure` with 500).
  std::function<void(const Request&, std::string_view what)> thrown;
  /// Adds what every answer carries (HSTS, nosniff, request id). Runs once per answer.
  std::function<void(const Request&, Response&)> finish;
  /// Called once per answered request: access log and metrics. `duration` from the first byte to the last.
  std::function<void(const Request&, const Response&, const Route*, microseconds duration)> observe;
};

/// The HTTPS server: one event loop a core, its own connection loop (http/transport), lanes with bounded queues.
class Server {
 public:
  static Result<std::unique_ptr<Server>> start(ServerOptions options, const Router& router, ServerHooks hooks, const Clock& clock);
  virtual ~Server() = default;
  [[nodiscard]] virtual uint16_t port() const = 0;
  /// Stops accepting, lets in-flight requests finish (stop_timeout at most), closes idle connections. Blocks. A handler that
  /// runs longer is not interrupted: load() still counts it as busy, and the destructor waits for it.
  virtual void stop() = 0;
  /// Reads certificate and key anew (SIGHUP); the old ones stay when the new ones do not load.
  virtual Result<void> reload_tls() = 0;
  /// Numbers for /metrics: open connections, queue lengths and threads busy by lane.
  struct Load {
    size_t connections = 0;
    struct PerLane {
      Lane lane;
      size_t queued;
      size_t busy;
      uint64_t refused;
    };
    std::vector<PerLane> lanes;
  };
  [[nodiscard]] virtual Load load() const = 0;
};

}  // namespace gatehouse::http
