#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// RFC 6749 §3.1: parameters must not be included more than once. Which of two values counts would be anybody's guess.
Result<void> check_repeated_parameters(AuthorizeRequest& request, const CheckParts&) {
  if (const std::optional<std::string_view> name = request.parameters.repeated())
    return OAuthError{OAuthErrc::invalid_request, "Parameter sent more than once: " + std::string(*name)};
  return {};
}

}  // namespace gatehouse::oauth
