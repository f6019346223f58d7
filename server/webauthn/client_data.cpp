#include "webauthn/client_data.h"

#include "base/encoding.h"
#include "base/json.h"

namespace gatehouse::webauthn {
namespace {

Error malformed(std::string detail) { return {Errc::invalid_argument, "The client data does not parse.", std::move(detail)}; }

}  // namespace

Result<ClientData> ClientData::parse(std::string_view bytes) {
  TRY(const json::value parsed, parse_json(bytes, {.max_depth = 8, .max_bytes = 4096}));
  const json::object* object = parsed.if_object();
  if (!object) return malformed("not an object");
  const auto type = get_string(*object, "type"), challenge = get_string(*object, "challenge"), origin = get_string(*object, "origin");
  if (!type || !challenge || !origin) return malformed("type, challenge or origin is missing");
  auto decoded = base64url_decode(*challenge);
  if (!decoded || decoded->size() < 16 || decoded->size() > 128) return malformed("challenge");
  ClientData data{std::string(*type), std::move(*decoded), std::string(*origin)};
  if (const json::value* cross = object->if_contains("crossOrigin")) {
    if (!cross->is_bool()) return malformed("crossOrigin");
    data.cross_origin = cross->get_bool();
  }
  if (object->contains("topOrigin")) data.cross_origin = true;  // there only inside frames of another site
  return data;
}

}  // namespace gatehouse::webauthn
