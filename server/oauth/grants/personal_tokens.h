#pragma once
#include "oauth/mfa_api/mfa_tokens.h"
#include "oauth/token/grant.h"
#include "oauth/tokens/user_tokens.h"
#include "sign_in/sign_in.h"

namespace gatehouse::oauth {

/// What grants that authenticate a person end in: whoever needs a second factor gets an mfa_token, everybody else tokens, and the login is
/// counted. One place, so that no such grant can forget a second factor.
class PersonalTokens {
 public:
  struct Parts {
    storage::Database& db;
    const sign_in::SignIn& sign_in;
    const model::RefreshTokenStore& refresh_tokens;
    const ApiAccess& api_access;
    const UserTokens& tokens;
    const MfaTokens& mfa_tokens;
    crypto::Random& random;
  };
  explicit PersonalTokens(Parts parts) : parts_(parts) {}

  /// What the request asks for: `audience` and `scope`, held to the API's policy. Errors: access_denied.
  [[nodiscard]] Result<AskedTokens> asked(const TokenRequest& request, const model::Client& client, std::string_view gty) const;
  /// Tokens for `who`, or mfa_required. `attempt.event` becomes the event of the success. Errors: mfa_required, invalid_grant (the proof
  /// holds no longer).
  [[nodiscard]] Result<TokenResponse> finish(const TokenRequest& request, sign_in::Attempt attempt, const sign_in::Authenticated& who,
                                             const AskedTokens& asked) const;
  /// The same for who waited behind an mfa_token, which is used up with it. Errors: expired_token (somebody was quicker).
  [[nodiscard]] Result<TokenResponse> finish(const TokenRequest& request, sign_in::Attempt attempt, const sign_in::Authenticated& who,
                                             const AskedTokens& asked, const model::MfaToken& token) const;

 private:
  [[nodiscard]] Result<TokenResponse> grant(const TokenRequest& request, const sign_in::Attempt& attempt, const sign_in::Admitted& admitted,
                                            const AskedTokens& asked, const model::MfaToken* token) const;
  Parts parts_;
};

/// Auth0's words for why nobody was signed in. sign_in/ has written the event.
OAuthError refused(sign_in::SignInError error);

/// Whose failures are counted: the person's address, which an application that proved itself and is trusted with it may name
/// (Auth0: is_token_endpoint_ip_header_trusted). Everybody else's header is ignored.
std::string address_of_person(const TokenRequest& request, const AuthenticatedClient& client);

}  // namespace gatehouse::oauth
