#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// OpenID Connect Core §3.1.2.1: a list of words; none goes with nothing else.
Result<void> check_prompt(AuthorizeRequest& request, const CheckParts&) {
  const Scopes words = Scopes::parse(request.get("prompt"));
  request.prompt = {.none = words.contains("none"),
                    .login = words.contains("login"),
                    .consent = words.contains("consent"),
                    .select_account = words.contains("select_account")};
  if (request.prompt.none && words.values().size() > 1)
    return OAuthError{OAuthErrc::invalid_request, "prompt=none cannot be combined with other values."};
  return {};
}

}  // namespace gatehouse::oauth
