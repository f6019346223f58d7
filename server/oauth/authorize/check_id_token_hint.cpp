#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// OpenID Connect Core §3.1.2.1: an ID token that we issued, expired or not. Somebody else than it names is asked to sign in.
Result<void> check_id_token_hint(AuthorizeRequest& request, const CheckParts& parts) {
  const std::string_view hint = request.get("id_token_hint");
  if (hint.empty()) return {};
  TRY(const IdTokenHint named, parts.verifier.id_token_hint(request.tenant, hint));
  request.hinted_subject = named.subject;
  return {};
}

}  // namespace gatehouse::oauth
