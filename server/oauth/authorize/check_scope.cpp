#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// RFC 6749 §3.3. What the API does not define is left out later; an ID token needs openid (OpenID Connect Core §3.1.2.1).
Result<void> check_scope(AuthorizeRequest& request, const CheckParts& parts) {
  request.scopes = Scopes::parse(request.get("scope"));
  if (request.response_type.id_token && !request.scopes.contains("openid"))
    return OAuthError{OAuthErrc::invalid_scope, "The scope openid is required for this response_type."};
  TRY(request.scopes, parts.api_access.within_user_policy(*request.client, request.api.get(), request.scopes));
  return {};
}

}  // namespace gatehouse::oauth
