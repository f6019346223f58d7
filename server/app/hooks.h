#pragma once
#include "app/host_table.h"
#include "base/server_log.h"
#include "http/error_page.h"
#include "http/server.h"
#include "ops/metrics.h"

namespace gatehouse::app {

/// What the HTTP server asks of the application around each request: tenants by host, answers where no handler answers, headers
/// that every answer carries, the access log and the metrics. All references must outlive the server.
http::ServerHooks make_hooks(const HostTable& hosts, http::ErrorPageRenderer error_page, ServerLog& log, ops::Metrics& metrics,
                             bool log_requests);

}  // namespace gatehouse::app
