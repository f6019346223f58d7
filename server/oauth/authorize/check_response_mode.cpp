#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode, and Auth0's web_message. Tokens never go into a query string.
Result<void> check_response_mode(AuthorizeRequest& request, const CheckParts&) {
  const std::string_view mode = request.get("response_mode");
  if (mode.empty()) return {};
  if (mode == "query") {
    if (request.response_type.any_token())
      return OAuthError{OAuthErrc::invalid_request, "response_mode query is not allowed for this response_type."};
    request.response_mode = ResponseMode::query;
  } else if (mode == "fragment") {
    request.response_mode = ResponseMode::fragment;
  } else if (mode == "form_post") {
    request.response_mode = ResponseMode::form_post;
  } else if (mode == "web_message") {
    request.response_mode = ResponseMode::web_message;
  } else {
    return OAuthError{OAuthErrc::invalid_request, "Unsupported response mode: " + std::string(mode)};
  }
  return {};
}

}  // namespace gatehouse::oauth
