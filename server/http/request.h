#pragma once
#include <any>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/result.h"
#include "http/body_sink.h"
#include "http/lane.h"

namespace gatehouse::http {

enum class Method { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, other };
std::string_view to_string(Method method);

/// Name-value pairs in the order received, names as sent. Query strings and form bodies.
class Parameters {
 public:
  /// application/x-www-form-urlencoded (WHATWG URL §5), strict: bad percent escapes, invalid UTF-8 and NUL are errors
  /// (invalid_argument), and so are more than 1,000 pairs.
  static Result<Parameters> parse(std::string_view encoded);
  void add(std::string name, std::string value) { pairs_.emplace_back(std::move(name), std::move(value)); }
  /// The only value; nullopt when absent. When a name is repeated the first one; callers that must refuse repetition ask repeated().
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
  [[nodiscard]] bool contains(std::string_view name) const { return get(name).has_value(); }
  /// A name that occurs twice, if any (RFC 6749 §3.1 forbids it).
  [[nodiscard]] std::optional<std::string_view> repeated() const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& pairs() const { return pairs_; }
  /// Encoded again: name=value&….
  [[nodiscard]] std::string encode() const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

std::string percent_encode(std::string_view text);  ///< everything but unreserved characters (RFC 3986 §2.3)
std::optional<std::string> percent_decode(std::string_view text);

/// A request as handlers see it: parsed once, decoded once, never changed afterwards.
struct Request {
  Method method = Method::GET;
  std::string target;  ///< as sent: path and query
  std::string path;    ///< as sent, without the query, still encoded: what routes are matched against
  Parameters query;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
  std::shared_ptr<BodySink> sink;  ///< took the body, all but its last piece; null: `body` is all of it
  mutable std::any parsed_body;  ///< what a planner made of the body, kept for the handler: see oauth::BodyParameters::of()
  std::map<std::string, std::string, std::less<>> path_parameters;  ///< {id} of the route's pattern, decoded once

  std::string id;         ///< request id, also the tracking id of error pages
  TenantId tenant;        ///< by Host; empty where no tenant is needed (/healthz)
  std::string issuer;     ///< the tenant's public origin with a slash: never built from the Host header
  std::string client_ip;  ///< socket address, or X-Forwarded-For behind a trusted proxy
  Timestamp received{};
  Lane lane = Lane::inline_;  ///< the one it runs on

  /// The value of a header (lower-case name), or nullopt.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
  /// A cookie by name; nullopt when absent or sent twice.
  [[nodiscard]] std::optional<std::string_view> cookie(std::string_view name) const;
  /// The path parameter; it exists whenever the route's pattern names it.
  [[nodiscard]] const std::string& parameter(std::string_view name) const;
  template <class I>
  [[nodiscard]] I id_parameter(std::string_view name = "id") const {
    return I(parameter(name));
  }
  /// Media type of the body in lower case, without parameters.
  [[nodiscard]] std::string content_type() const;
  [[nodiscard]] std::string_view user_agent() const { return header("user-agent").value_or(""); }
};

}  // namespace gatehouse::http
