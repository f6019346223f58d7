#pragma once
#include "oauth/grants/password.h"

namespace gatehouse::oauth {

/// Auth0's extension of the password grant: `realm` names the connection.
class PasswordRealmGrant final : public Grant {
 public:
  explicit PasswordRealmGrant(const PasswordExchange& exchange) : exchange_(exchange) {}
  [[nodiscard]] std::string_view type() const override { return "http://auth0.com/oauth/grant-type/password-realm"; }
  [[nodiscard]] http::Lane lane() const override { return http::Lane::sign_in; }
  [[nodiscard]] std::string_view failure_event() const override { return "fepft"; }
  [[nodiscard]] Result<TokenResponse> handle(const TokenRequest& request, const AuthenticatedClient& client) const override;

 private:
  const PasswordExchange& exchange_;
};

}  // namespace gatehouse::oauth
