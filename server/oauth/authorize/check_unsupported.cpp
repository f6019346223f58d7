#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// Unknown parameters are ignored, as RFC 6749 §3.1 wants; but a login that was asked to be limited to an organization must not
/// quietly become one that is not.
Result<void> check_unsupported(AuthorizeRequest& request, const CheckParts&) {
  for (const std::string_view name : {"organization", "invitation"})
    if (!request.get(name).empty())
      return OAuthError{OAuthErrc::invalid_request, "The parameter " + std::string(name) + " is not supported yet."};
  return {};
}

}  // namespace gatehouse::oauth
