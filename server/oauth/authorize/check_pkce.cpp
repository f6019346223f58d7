#include "oauth/authorize/checks.h"
#include "oauth/tokens/pkce.h"

namespace gatehouse::oauth {

/// RFC 7636 §4.3 and §4.4.1; RFC 9700 §2.1.1: public clients must use it.
Result<void> check_pkce(AuthorizeRequest& request, const CheckParts&) {
  const std::optional<std::string_view> challenge = request.parameters.get("code_challenge");
  const std::optional<std::string_view> method = request.parameters.get("code_challenge_method");
  if (!request.response_type.code) return {};
  if (!challenge) {
    if (method) return OAuthError{OAuthErrc::invalid_request, "Parameter code_challenge is required when code_challenge_method is sent."};
    if (request.client->is_public())
      return OAuthError{OAuthErrc::invalid_request, "Parameter code_challenge is required for public clients."};
    return {};
  }
  if (method && *method != "S256" && *method != "plain")
    return OAuthError{OAuthErrc::invalid_request, "Unsupported code_challenge_method. Use S256."};
  if (!is_pkce_text(*challenge))
    return OAuthError{OAuthErrc::invalid_request, "Parameter code_challenge must be 43 to 128 characters of the unreserved set."};
  request.code_challenge = std::string(*challenge);
  request.code_challenge_method = std::string(method.value_or("plain"));
  return {};
}

}  // namespace gatehouse::oauth
