#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// Request objects (RFC 9101) are not taken, by value or by reference: a URL is never fetched, nothing inside overrides anything
/// (OpenID Connect Core §3.1.2.6).
Result<void> check_request_objects(AuthorizeRequest& request, const CheckParts&) {
  if (request.parameters.contains("request"))
    return OAuthError{OAuthErrc::request_not_supported, "The request parameter is not supported."};
  if (request.parameters.contains("request_uri"))
    return OAuthError{OAuthErrc::request_uri_not_supported, "The request_uri parameter is not supported."};
  if (get_bool(request.client->properties, "require_pushed_authorization_requests").value_or(false))
    return OAuthError{OAuthErrc::invalid_request, "Pushed Authorization Requests are required by the configuration of this client.",
                      "This server does not offer them yet (require_pushed_authorization_requests)."};
  return {};
}

}  // namespace gatehouse::oauth
