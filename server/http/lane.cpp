#include "http/lane.h"

namespace gatehouse::http {

std::string_view to_string(Lane lane) {
  switch (lane) {
    case Lane::inline_:
      return "inline";
    case Lane::store:
      return "store";
    case Lane::sign_in:
      return "sign_in";
    case Lane::outbound:
      return "outbound";
    case Lane::admin:
      return "admin";
  }
  return "";
}

}  // namespace gatehouse::http
