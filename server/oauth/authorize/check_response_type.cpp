#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// OAuth 2.0 Multiple Response Type Encoding Practices §3 and §5: a set of words in any order.
Result<void> check_response_type(AuthorizeRequest& request, const CheckParts&) {
  const std::string_view text = request.get("response_type");
  if (text.empty()) return OAuthError{OAuthErrc::invalid_request, "Missing required parameter: response_type"};
  ResponseType type;
  const Scopes words = Scopes::parse(text);
  for (const std::string& word : words.values()) {
    if (word == "code")
      type.code = true;
    else if (word == "id_token")
      type.id_token = true;
    else if (word == "token")
      type.token = true;
    else
      return OAuthError{OAuthErrc::unsupported_response_type, "Unsupported response type: " + std::string(text)};
  }
  request.response_type = type;
  request.response_mode = type.any_token() ? ResponseMode::fragment : ResponseMode::query;
  return {};
}

}  // namespace gatehouse::oauth
