#pragma once
#include "connections/passwordless/passwordless_connection.h"
#include "model/connections/connection_store.h"
#include "oauth/grants/personal_tokens.h"

namespace gatehouse::oauth {

/// The `email` or `sms` connection that a request means by its name (on Auth0 always the strategy's) and the client may use. Errors:
/// unauthorized_client.
Result<std::shared_ptr<const model::Connection>> passwordless_connection(const model::ConnectionStore& connections, const TenantId& tenant,
                                                                         const model::Client& client, std::string_view name);

/// Passwordless OTP grant of Auth0: whoever brings the code that was sent to an address gets the tokens of its user. Parameters: `username`
/// (the address), `otp`, `realm` (the connection: email or sms); `audience`, `scope`.
/// Errors: invalid_request, invalid_grant "Wrong email or verification code.", unauthorized "user is blocked", mfa_required,
/// too_many_attempts, too_many_requests, unauthorized_client.
class PasswordlessOtpGrant final : public Grant {
 public:
  struct Parts {
    const sign_in::SignIn& sign_in;
    const connections::PasswordlessConnection& passwordless;
    const model::ConnectionStore& connections;
    const PersonalTokens& personal;
  };
  explicit PasswordlessOtpGrant(Parts parts) : parts_(parts) {}
  [[nodiscard]] std::string_view type() const override { return "http://auth0.com/oauth/grant-type/passwordless/otp"; }
  [[nodiscard]] std::string_view failure_event() const override { return "fepotpft"; }
  [[nodiscard]] Result<TokenResponse> handle(const TokenRequest& request, const AuthenticatedClient& client) const override;
  /// The same with the names that POST /passwordless/verify has for them.
  [[nodiscard]] Result<TokenResponse> exchange(const TokenRequest& request, const AuthenticatedClient& client, std::string_view realm,
                                               std::string address, std::string_view otp) const;

 private:
  Parts parts_;
};

}  // namespace gatehouse::oauth
