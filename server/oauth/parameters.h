#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "http/request.h"
#include "oauth/oauth_error.h"

namespace gatehouse::oauth {

/// Bytes of a body here: the largest thing anybody sends is a client assertion or user_metadata.
inline constexpr size_t kMaxBody = 128 * 1024;

/// The body of a POST, read once: a form (RFC 6749 §3.2) or, as Auth0 takes it, one JSON object. Parameters come from the body only.
/// Refuses repeated parameters, other content types, and protocol parameters in JSON that are no strings. An empty value
/// counts as absent (RFC 6749 §3.2). Errors: invalid_request.
class BodyParameters {
 public:
  static Result<BodyParameters> parse(const http::Request& request);
  /// The same, parsed at the first call and kept with the request, so that the handler need not do again what the planner did.
  static const Result<BodyParameters>& of(const http::Request& request);
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
  /// Errors: invalid_request "Missing required parameter: …".
  [[nodiscard]] Result<std::string> require(std::string_view name) const;
  /// The JSON object as sent; empty for a form.
  [[nodiscard]] const json::object& object() const { return json_; }

 private:
  http::Parameters form_;
  json::object json_;
};

}  // namespace gatehouse::oauth
