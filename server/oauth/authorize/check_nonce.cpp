#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// OpenID Connect Core §3.2.2.1: required where an ID token comes straight from the authorization endpoint.
Result<void> check_nonce(AuthorizeRequest& request, const CheckParts&) {
  request.nonce = std::string(request.get("nonce"));
  if (request.response_type.id_token && request.nonce.empty())
    return OAuthError{OAuthErrc::invalid_request, "Missing required parameter: nonce"};
  return {};
}

}  // namespace gatehouse::oauth
