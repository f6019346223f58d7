#pragma once
#include "attack_protection/attack_protection.h"
#include "model/connections/connection_store.h"
#include "oauth/grants/personal_tokens.h"
#include "sign_in/sign_in.h"

namespace gatehouse::oauth {

/// What both password grants share once the connection is known: the password is checked by sign_in/ alone, then tokens are made.
/// Blocks for a hash: sign_in lane.
class PasswordExchange {
 public:
  struct Parts {
    const sign_in::SignIn& sign_in;
    const model::ConnectionStore& connections;
    const PersonalTokens& personal;
    const attack_protection::AttackProtection& protection;
  };
  explicit PasswordExchange(Parts parts) : parts_(parts) {}
  /// Errors: invalid_request, invalid_grant "Wrong email or password.", unauthorized "user is blocked", too_many_attempts, too_many_requests,
  /// password_leaked, requires_verification (bot detection wants a captcha first, which only the hosted pages can show).
  [[nodiscard]] Result<TokenResponse> exchange(const TokenRequest& request, const AuthenticatedClient& client,
                                               std::string_view connection_name) const;
  [[nodiscard]] const model::ConnectionStore& connections() const { return parts_.connections; }

 private:
  Parts parts_;
};

/// Resource Owner Password Credentials grant (RFC 6749 §4.3) against the tenant's default directory.
class PasswordGrant final : public Grant {
 public:
  explicit PasswordGrant(const PasswordExchange& exchange) : exchange_(exchange) {}
  [[nodiscard]] std::string_view type() const override { return "password"; }
  [[nodiscard]] http::Lane lane() const override { return http::Lane::sign_in; }
  [[nodiscard]] std::string_view failure_event() const override { return "fepft"; }
  [[nodiscard]] Result<TokenResponse> handle(const TokenRequest& request, const AuthenticatedClient& client) const override;

 private:
  const PasswordExchange& exchange_;
};

}  // namespace gatehouse::oauth
