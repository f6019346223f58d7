#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// Auth0's audience (RFC 8707 calls it resource): the identifier of a registered API, compared byte for byte.
Result<void> check_audience(AuthorizeRequest& request, const CheckParts& parts) {
  TRY(request.api, parts.api_access.of_audience(request.tenant, request.get("audience")));
  if (request.api) request.audience = request.api->identifier;
  return {};
}

}  // namespace gatehouse::oauth
