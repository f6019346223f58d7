#include "ops/metrics_listener.h"

namespace gatehouse::ops {

Result<std::unique_ptr<MetricsListener>> MetricsListener::start(uint16_t port, const Metrics& metrics,
                                                                std::function<http::Server::Load()> load, const Clock& clock) {
  std::unique_ptr<MetricsListener> listener(new MetricsListener());
  listener->router_.get("/metrics", {.lane = http::Lane::inline_}, [&metrics, load = std::move(load)](const http::Request&) {
    http::Response response = http::Response::text(200, metrics.text(load()));
    response.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    return response;
  });
  http::ServerOptions options;
  options.port = port;
  options.io_threads = 1;
  options.max_connections = 64;
  options.stop_timeout = seconds(1);
  TRY(listener->server_, http::Server::start(std::move(options), listener->router_, {}, clock));
  return listener;
}

}  // namespace gatehouse::ops
