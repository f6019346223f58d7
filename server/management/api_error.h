#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/response.h"

namespace gatehouse::management {

/// What the Management API refuses, by the answer it gets. The texts and codes of one resource stand beside it.
enum class ApiErrc {
  bad_request,              ///< 400, a plain sentence without a code
  invalid_body,             ///< 400
  invalid_uri,              ///< 400
  invalid_query_string,     ///< 400
  operation_not_supported,  ///< 400
  unauthorized,             ///< 401
  insufficient_scope,       ///< 403
  forbidden,                ///< 403, with the resource's own code
  not_found,                ///< 404
  conflict,                 ///< 409
  payload_too_large,        ///< 413
  unsupported_media_type,   ///< 415
  too_many_requests,        ///< 429
  overloaded,               ///< 503
  storage_full,             ///< 507
  internal,                 ///< 500
};

/// A failure of an API call. `message` and `error_code` go to the caller, `detail` to the server log.
struct ApiError {
  ApiErrc code = ApiErrc::internal;
  std::string message{};
  std::string error_code{};  ///< errorCode; empty: the code's own, or none
  std::string detail{};

  ApiError(ApiErrc c, std::string m, std::string wire_code = {}) : code(c), message(std::move(m)), error_code(std::move(wire_code)) {}
  ApiError(Error error);  // NOLINT: TRY converts what stores return
};

template <class T>
using ApiResult = Result<T, ApiError>;

/// The body {"statusCode","error","message","errorCode"} with its status. The only place where failures become bytes.
http::Response to_response(const ApiError& error);
/// What a route of the Management API that does not exist is answered.
http::Response unknown_route();
/// What a call is answered that would have to wait too long: 429, which every SDK waits and retries for by itself.
http::Response too_many_waiting(Timestamp now);

}  // namespace gatehouse::management
