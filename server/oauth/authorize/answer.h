#pragma once
#include "model/authorization_codes/authorization_code_store.h"
#include "oauth/authorize/interaction.h"
#include "oauth/tokens/issuer.h"
#include "oauth/tokens/notices.h"

namespace gatehouse::oauth {

/// How long a code may wait for its redemption (RFC 6749 §4.1.2 recommends 10 minutes at most).
inline constexpr seconds kCodeLifetime{60};

/// The code for what was granted; `text` is what the application gets, only its digest is kept.
model::AuthorizationCode make_code(const AuthorizeRequest& request, const Visitor& visitor, std::string_view text, Timestamp now);

/// The parameters of a successful answer (RFC 6749 §4.1.2 and §4.2.2, OpenID Connect Core §3.3.2.5, RFC 9207): signs what the response type
/// asks for. `code` empty: none.
Result<http::Parameters> success_parameters(const AuthorizeRequest& request, const Visitor& visitor, std::string_view code,
                                            const Issuer& issuer, Timestamp now);
/// Those of an error (RFC 6749 §4.1.2.1).
http::Parameters error_parameters(const AuthorizeRequest& request, const OAuthError& error);

}  // namespace gatehouse::oauth
