#include "management/api_error.h"

namespace gatehouse::management {
namespace {

struct Wire {
  int status;
  std::string_view reason;
  std::string_view error_code;
};

Wire wire(ApiErrc code) {
  switch (code) {
    case ApiErrc::bad_request:
      return {400, "Bad Request", ""};
    case ApiErrc::invalid_body:
      return {400, "Bad Request", "invalid_body"};
    case ApiErrc::invalid_uri:
      return {400, "Bad Request", "invalid_uri"};
    case ApiErrc::invalid_query_string:
      return {400, "Bad Request", "invalid_query_string"};
    case ApiErrc::operation_not_supported:
      return {400, "Bad Request", "operation_not_supported"};
    case ApiErrc::unauthorized:
      return {401, "Unauthorized", ""};
    case ApiErrc::insufficient_scope:
      return {403, "Forbidden", "insufficient_scope"};
    case ApiErrc::forbidden:
      return {403, "Forbidden", ""};
    case ApiErrc::not_found:
      return {404, "Not Found", ""};
    case ApiErrc::conflict:
      return {409, "Conflict", ""};
    case ApiErrc::payload_too_large:
      return {413, "Request Entity Too Large", ""};
    case ApiErrc::unsupported_media_type:
      return {415, "Unsupported Media Type", ""};
    case ApiErrc::too_many_requests:
      return {429, "Too Many Requests", "too_many_requests"};
    case ApiErrc::overloaded:
      return {503, "Service Unavailable", ""};
    case ApiErrc::storage_full:
      return {507, "Insufficient Storage", ""};
    case ApiErrc::internal:
      return {500, "Internal Server Error", ""};
  }
  return {500, "Internal Server Error", ""};
}

ApiErrc from_storage(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return ApiErrc::invalid_body;
    case Errc::not_found:
      return ApiErrc::not_found;
    case Errc::unique_violation:
      return ApiErrc::conflict;
    case Errc::reference_violation:
      return ApiErrc::conflict;
    case Errc::overloaded:
      return ApiErrc::overloaded;
    case Errc::unavailable:
      return ApiErrc::overloaded;
    case Errc::timeout:
      return ApiErrc::overloaded;
    case Errc::storage_full:
      return ApiErrc::storage_full;
    case Errc::internal:
      return ApiErrc::internal;
  }
  return ApiErrc::internal;
}

}  // namespace

ApiError::ApiError(Error error)
    : code(from_storage(error.code)),
      message(code == ApiErrc::internal ? "An internal error occurred" : std::move(error.message)),
      detail(std::move(error.detail)) {}

http::Response to_response(const ApiError& error) {
  const Wire form = wire(error.code);
  json::object body;
  body["statusCode"] = form.status;
  body["error"] = form.reason;
  body["message"] = error.message;
  const std::string_view error_code = error.error_code.empty() ? form.error_code : std::string_view(error.error_code);
  if (!error_code.empty()) body["errorCode"] = error_code;
  if (error.code == ApiErrc::unauthorized) body["attributes"] = {{"error", error.message}};
  http::Response response = http::Response::json(form.status, body);
  if (error.code == ApiErrc::unauthorized) response.set("www-authenticate", "Bearer error=\"" + error.message + "\"");
  if (error.code == ApiErrc::overloaded) response.set("retry-after", "1");
  return response;
}

http::Response unknown_route() { return to_response(ApiError(ApiErrc::not_found, "Not Found")); }

http::Response too_many_waiting(Timestamp now) {
  http::Response response = to_response(ApiError(ApiErrc::too_many_requests, "Too many requests are waiting"));
  response.set("x-ratelimit-remaining", "0");
  response.set("x-ratelimit-reset", std::to_string(to_unix_seconds(now) + 1));
  response.set("retry-after", "1");
  return response;
}

}  // namespace gatehouse::management
