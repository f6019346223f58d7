#pragma once
#include "oauth/grants/personal_tokens.h"

namespace gatehouse::oauth {

/// What the grants of second factors share: an mfa_token names a login that waits, the answer to a challenge is judged by mfa/, and the
/// tokens that were asked for in the first place are given. A grant says which parameter carries the answer and what a wrong one is called.
class MfaGrant : public Grant {
 public:
  struct Parts {
    const MfaTokens& mfa_tokens;
    const PersonalTokens& personal;
  };
  explicit MfaGrant(Parts parts) : parts_(parts) {}
  [[nodiscard]] Result<TokenResponse> handle(const TokenRequest& request, const AuthenticatedClient& client) const final;

 protected:
  /// Auth0's code for the tenant log; after a passkey it is another one than after a password.
  [[nodiscard]] virtual std::string_view success_event(bool after_passkey) const = 0;
  [[nodiscard]] virtual std::string_view success_event_after_passkey() const = 0;
  [[nodiscard]] virtual std::string_view wrong() const = 0;  ///< Auth0's sentence
  /// Errors: invalid_request (a parameter is missing), invalid_grant.
  [[nodiscard]] virtual Result<mfa::Mfa::Verification> verify(const TokenRequest& request, const MfaTokens::Waiting& waiting,
                                                              const mfa::Person& person) const = 0;
  Parts parts_;
};

}  // namespace gatehouse::oauth
