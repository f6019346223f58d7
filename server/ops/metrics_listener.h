#pragma once
#include <functional>
#include <memory>

#include "ops/metrics.h"

namespace gatehouse::ops {

/// GET /metrics in plain HTTP on loopback, on a port of its own: one more thread, only when asked for (--metrics-port).
class MetricsListener {
 public:
  /// `port` 0: any free one. What it refers to must outlive it. Errors: unique_violation when the port is taken.
  static Result<std::unique_ptr<MetricsListener>> start(uint16_t port, const Metrics& metrics, std::function<http::Server::Load()> load,
                                                        const Clock& clock);
  [[nodiscard]] uint16_t port() const { return server_->port(); }

 private:
  MetricsListener() = default;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace gatehouse::ops
