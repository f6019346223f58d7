#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// A response type works only with its grant type on the client: authorization_code for codes, implicit for tokens.
Result<void> check_grant_types(AuthorizeRequest& request, const CheckParts&) {
  const auto need = [&](std::string_view grant) -> Result<void> {
    if (request.client->allows_grant(grant)) return {};
    return OAuthError{OAuthErrc::unauthorized_client, "Grant type '" + std::string(grant) + "' not allowed for the client.",
                      "Add it to the application's grant_types."};
  };
  if (request.response_type.code) TRY_VOID(need("authorization_code"));
  if (request.response_type.any_token()) TRY_VOID(need("implicit"));
  return {};
}

}  // namespace gatehouse::oauth
