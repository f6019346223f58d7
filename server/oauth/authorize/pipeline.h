#pragma once
#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// How a failed check is told.
enum class Tell {
  page,      ///< on a page of ours: whoever would be redirected to is not proved, or cannot be told
  redirect,  ///< to the redirect_uri, in the response mode known so far
};
struct Refusal {
  OAuthError error;
  Tell tell = Tell::page;
};

/// Runs all checks in order; the first that fails ends it. Reads caches, a point read at worst.
gatehouse::Result<void, Refusal> run_checks(AuthorizeRequest& request, const CheckParts& parts);

}  // namespace gatehouse::oauth
