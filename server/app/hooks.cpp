#include "app/hooks.h"

#include "config/settings.h"
#include "management/api_error.h"

namespace gatehouse::app {
namespace {

std::string_view reason(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Payload Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Internal Server Error";
  }
}

http::Response json_error(int status, std::string_view message) {
  return http::Response::json(status, {{"statusCode", status}, {"error", reason(status)}, {"message", message}});
}

bool wants_html(const http::Request& request) { return request.header("accept").value_or("").find("text/html") != std::string_view::npos; }

/// HSTS ignores ports and spreads to every server of the host: only a real name on port 443 gets it.
bool wants_hsts(std::string_view issuer) {
  return issuer.starts_with("https://") && !config::is_local_issuer(issuer) && config::issuer_host(issuer).find(':') == std::string::npos;
}

}  // namespace

http::ServerHooks make_hooks(const HostTable& hosts, http::ErrorPageRenderer error_page, ServerLog& log, ops::Metrics& metrics,
                             bool log_requests) {
  http::ServerHooks hooks;
  hooks.resolve_host = [&hosts](std::string_view host) { return hosts.find(host); };

  hooks.no_route = [error_page](const http::Request& request, const http::Router::Match& match) {
    if (request.path.starts_with("/api/v2/") || request.path == "/api/v2") return management::unknown_route();
    if (match.path_known) {
      std::string allow;
      for (const http::Method method : match.allow) allow += (allow.empty() ? "" : ", ") + std::string(http::to_string(method));
      return json_error(405, "Method Not Allowed").set("Allow", allow);
    }
    if (wants_html(request) && !request.tenant.empty())
      return error_page(request, {.status = 404, .error = "not_found", .description = "There is no page at this address."});
    return json_error(404, "Not Found");
  };

  hooks.failure = [](const http::Request&, int status, std::string_view message) {
    http::Response response = json_error(status, message.empty() ? reason(status) : message);
    if (status == 503) response.set("Retry-After", "1");
    return response;
  };

  hooks.thrown = [&log](const http::Request& request, std::string_view what) {
    log.error("handler_threw", {{"request_id", request.id}, {"path", request.path}, {"what", what}});
  };

  hooks.finish = [](const http::Request& request, http::Response& response) {
    if (!request.id.empty()) response.set("X-Request-Id", request.id);
    response.set("X-Content-Type-Options", "nosniff");
    if (wants_hsts(request.issuer)) response.set("Strict-Transport-Security", "max-age=31536000");
  };

  hooks.observe = [&log, &metrics, log_requests](const http::Request& request, const http::Response& response, const http::Route* route,
                                                 microseconds duration) {
    metrics.observe(request, response, route, duration);
    if (!log_requests) return;
    // the path without its query: queries carry codes, states and addresses
    log.info("request", {{"request_id", request.id},
                         {"tenant", request.tenant.str()},
                         {"method", http::to_string(request.method)},
                         {"path", route ? std::string_view(route->pattern) : std::string_view(request.path).substr(0, 200)},
                         {"status", response.status},
                         {"duration_us", duration.count()},
                         {"ip", request.client_ip}});
  };
  return hooks;
}

}  // namespace gatehouse::app
