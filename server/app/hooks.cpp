#include "app/hooks.h"

#include "base/json_text.h"
#include "config/settings.h"
#include "http/reason.h"
#include "management/api_error.h"
#include "oauth/oauth_error.h"

namespace gatehouse::app {
namespace {

/// As Auth0's error bodies say it, which keep 413's name from before RFC 9110.
std::string_view reason(int status) { return status == 413 ? "Payload Too Large" : http::reason_phrase(status); }

http::Response json_error(int status, std::string_view message) {
  return http::Response::json(status, {{"statusCode", status}, {"error", reason(status)}, {"message", message}});
}

bool wants_html(const http::Request& request) { return request.header("accept").value_or("").find("text/html") != std::string_view::npos; }

/// Nobody has time for it: each kind of caller is told in its own words. Runs on the I/O loop, often: costs next to nothing.
http::Response refusal(const http::Request& request, const PageRenderer& turned_away) {
  constexpr std::string_view sentence = "The service cannot answer at the moment. Try again in a few seconds.";
  if (request.path.starts_with("/api/v2/")) return management::too_many_waiting(request.received);
  if (wants_html(request)) return turned_away(request);
  http::Response response = request.path.starts_with("/oauth/") || request.path == "/userinfo"
                                ? oauth::error_response({oauth::OAuthErrc::temporarily_unavailable, std::string(sentence)}, false)
                                : json_error(503, sentence);
  response.set("Retry-After", "1");
  return response;
}

/// HSTS ignores ports and spreads to every server of the host: only a real name on port 443 gets it.
bool wants_hsts(std::string_view issuer) {
  return issuer.starts_with("https://") && !config::is_local_issuer(issuer) && config::issuer_host(issuer).find(':') == std::string::npos;
}

}  // namespace

http::ServerHooks make_hooks(const HostTable& hosts, http::ErrorPageRenderer error_page, PageRenderer turned_away, ServerLog& log,
                             ops::Metrics& metrics, bool log_requests) {
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

  hooks.failure = [turned_away = std::move(turned_away)](const http::Request& request, int status, std::string_view message) {
    if (status == 503) return refusal(request, turned_away);
    return json_error(status, message.empty() ? reason(status) : message);
  };

  hooks.thrown = [&log](const http::Request& request, std::string_view what) {
    log.error("handler_threw", {{"request_id", request.id}, {"path", request.path}, {"what", what}});
  };

  hooks.finish = [](const http::Request& request, http::Response& response) {
    if (!request.id.empty()) response.set("X-Request-Id", request.id);
    response.set("X-Content-Type-Options", "nosniff");
    thread_local std::pair<std::string, bool> last;  // issuers are few, and looking at one is work
    if (last.first != request.issuer) last = {request.issuer, wants_hsts(request.issuer)};
    if (last.second) response.set("Strict-Transport-Security", "max-age=31536000");
  };

  hooks.observe = [&log, &metrics, log_requests](const http::Request& request, const http::Response& response, const http::Route* route,
                                                 microseconds duration) {
    metrics.observe(request, response, route, duration);
    if (!log_requests) return;
    // the path without its query: queries carry codes, states and addresses
    thread_local std::string fields;
    fields.clear();
    JsonObjectText(fields)
        .add("request_id", request.id)
        .add("tenant", request.tenant.str())
        .add("method", http::to_string(request.method))
        .add("path", route ? std::string_view(route->pattern) : std::string_view(request.path).substr(0, 200))
        .add("status", response.status)
        .add("duration_us", duration.count())
        .add("ip", request.client_ip)
        .close();
    log.write_text(ServerLog::Level::info, "request", fields);
  };
  return hooks;
}

}  // namespace gatehouse::app
