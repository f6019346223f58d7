#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// RFC 6749 §4.1.2: given back exactly as it came, also with errors. It is optional: PKCE and nonce protect applications without one.
Result<void> check_state(AuthorizeRequest& request, const CheckParts&) {
  if (const std::optional<std::string_view> state = request.parameters.get("state")) request.state = std::string(*state);
  return {};
}

}  // namespace gatehouse::oauth
