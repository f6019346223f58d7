#pragma once
#include "app/host_table.h"
#include "base/server_log.h"
#include "http/error_page.h"
#include "http/server.h"
#include "ops/metrics.h"

namespace gatehouse::app {

using PageRenderer = std::function<http::Response(const http::Request&)>;

/// What the HTTP server asks of the application around each request: tenants by host, answers where no handler answers, headers
/// that every answer carries, the access log and the metrics. `turned_away` is the page of a browser whose request no lane took.
/// All references must outlive the server.
http::ServerHooks make_hooks(const HostTable& hosts, http::ErrorPageRenderer error_page, PageRenderer turned_away, ServerLog& log,
                             ops::Metrics& metrics, bool log_requests);

}  // namespace gatehouse::app
