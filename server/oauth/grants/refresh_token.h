#pragma once
#include "model/refresh_tokens/refresh_token_store.h"
#include "model/users/user_store.h"
#include "oauth/token/grant.h"
#include "oauth/tokens/user_tokens.h"

namespace gatehouse::oauth {

/// Refresh Token grant (RFC 6749 §6) with rotation and reuse detection (RFC 9700 §4.14). May narrow the scope, never widens it; keeps
/// the audience; asks the user, the permissions and the API anew at each exchange.
class RefreshTokenGrant final : public Grant {
 public:
  struct Parts {
    storage::Database& db;
    const model::RefreshTokenStore& refresh_tokens;
    const model::UserStore& users;
    const ApiAccess& api_access;
    const RefreshTokenTexts& texts;
    const UserTokens& tokens;
    logs::EventLog& log;
  };
  explicit RefreshTokenGrant(Parts parts) : parts_(parts) {}
  [[nodiscard]] std::string_view type() const override { return "refresh_token"; }
  [[nodiscard]] std::string_view failure_event() const override { return "fertft"; }
  /// Errors: invalid_request, invalid_grant, access_denied (another audience).
  [[nodiscard]] Result<TokenResponse> handle(const TokenRequest& request, const AuthenticatedClient& client) const override;

 private:
  Parts parts_;
};

}  // namespace gatehouse::oauth
