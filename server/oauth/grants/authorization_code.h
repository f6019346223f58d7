#pragma once
#include "model/authorization_codes/authorization_code_store.h"
#include "model/sessions/session_store.h"
#include "model/users/user_store.h"
#include "oauth/authorize/loop_guard.h"
#include "oauth/token/grant.h"
#include "oauth/tokens/user_tokens.h"

namespace gatehouse::oauth {

/// Authorization Code grant (RFC 6749 §4.1.3) with PKCE (RFC 7636). The owner is checked before anything is touched, possession
/// is proved before the code is consumed, and a replay by the same client revokes what the code gave.
class AuthorizationCodeGrant final : public Grant {
 public:
  struct Parts {
    storage::Database& db;
    const model::AuthorizationCodeStore& codes;
    const model::RefreshTokenStore& refresh_tokens;
    const model::SessionStore& sessions;
    const model::UserStore& users;
    const ApiAccess& api_access;
    const UserTokens& tokens;
    LoopGuard& loop_guard;
    crypto::Random& random;
    logs::EventLog& log;
  };
  explicit AuthorizationCodeGrant(Parts parts) : parts_(parts) {}
  [[nodiscard]] std::string_view type() const override { return "authorization_code"; }
  [[nodiscard]] std::string_view failure_event() const override { return "feacft"; }
  /// Errors: invalid_request (parameters missing), invalid_grant (unknown, expired, foreign, used, wrong redirect_uri or verifier).
  [[nodiscard]] Result<TokenResponse> handle(const TokenRequest& request, const AuthenticatedClient& client) const override;

 private:
  Parts parts_;
};

}  // namespace gatehouse::oauth
