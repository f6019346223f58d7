#include "logs/event.h"

#include "base/encoding.h"
#include "config/settings.h"

namespace gatehouse::logs {
namespace {

/// The SDKs send base64 (some base64url) of a JSON object. Anything else is ignored.
json::object sdk_of(const http::Request& request) {
  const auto header = request.header("auth0-client");
  if (!header || header->size() > 2'000) return {};
  std::optional<std::string> text = base64_decode(*header);
  if (!text) text = base64url_decode(header->substr(0, header->find('=')));
  if (!text) return {};
  Result<json::value> value = parse_json(*text, {.max_depth = 4});
  return value && value->is_object() ? std::move(value->get_object()) : json::object{};
}

}  // namespace

Event Event::from(const http::Request& request, std::string_view type, std::string_view description) {
  Event event;
  event.tenant = request.tenant;
  event.type = std::string(type);
  event.description = std::string(description);
  event.ip = request.client_ip;
  event.user_agent = std::string(request.user_agent());
  event.hostname = config::issuer_host(request.issuer);
  event.tracking_id = request.id;
  event.auth0_client = sdk_of(request);
  return event;
}

}  // namespace gatehouse::logs
