#include "management/anomaly/anomaly_resource.h"

#include "http/forwarded.h"

namespace gatehouse::management {
namespace {

/// The address of the path. Errors: invalid_uri.
ApiResult<std::string> address(const Call& call) {
  const std::string& text = call.parameter();
  const std::optional<http::IpAddress> parsed = http::IpAddress::parse(text);
  if (!parsed)
    return ApiError(ApiErrc::invalid_uri, "Path validation error: 'Object didn't pass validation for format ip: " + text + "' on property id.",
                    "invalid_uri");
  return parsed->to_string();
}

}  // namespace

void AnomalyResource::mount() {
  api_.get("/anomaly/blocks/ips/{id}", {"read:anomaly_blocks"}, "Check if an IP address is blocked",
           [this](const Call& call) { return check(call); });
  api_.remove("/anomaly/blocks/ips/{id}", {"delete:anomaly_blocks"}, "Remove the blocked IP address",
              [this](const Call& call) { return unblock(call); });
}

/// 200 without a body: it is. Errors: 404, it is not; invalid_uri.
ApiResult<http::Response> AnomalyResource::check(const Call& call) const {
  TRY(const std::string ip, address(call));
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const bool blocked, protection_.address_blocked(reader, call.tenant(), ip));
    if (!blocked) return ApiError(ApiErrc::not_found, "The IP address specified is not currently blocked.");
    return http::Response::empty(200);
  });
}

/// 204 also when it was not blocked. Errors: invalid_uri.
ApiResult<http::Response> AnomalyResource::unblock(const Call& call) const {
  TRY(const std::string ip, address(call));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY_VOID(protection_.unblock_address(tx, call.tenant(), ip));
    return http::Response::empty(204);
  });
}

}  // namespace gatehouse::management
