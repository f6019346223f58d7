#include "oauth/grants/mfa_grant.h"

namespace gatehouse::oauth {

Result<TokenResponse> MfaGrant::handle(const TokenRequest& request, const AuthenticatedClient& authenticated) const {
  const model::Client& client = *authenticated.client;
  TRY(const std::string text, request.body.require("mfa_token"));
  TRY(const MfaTokens::Waiting waiting, parts_.mfa_tokens.find(request.tenant, text, request.now));
  if (waiting.token.client != client.id) return OAuthError{OAuthErrc::invalid_request, "mfa_token not issued to this client"};
  TRY(const AskedTokens asked, parts_.mfa_tokens.asked(request.tenant, waiting));
  TRY(const std::shared_ptr<const model::Connection> connection,
      parts_.mfa_tokens.connections().find_by_name(request.tenant.id, waiting.who.connection()));
  sign_in::Attempt attempt{
      .tenant = &request.tenant,
      .client = &client,
      .connection = connection.get(),
      .identifier = waiting.who.user().known_as(),
      .event = request.event(client, waiting.who.has("phr") ? success_event_after_passkey() : success_event(waiting.who.has("phr")),
                             "A second factor was exchanged for an access token.")};
  attempt.event.ip = address_of_person(request, authenticated);

  TRY(const mfa::Mfa::Verification verification, verify(request, waiting, waiting.person(request.tenant, client, attempt.event)));
  switch (verification.outcome) {
    case mfa::Outcome::right:
      break;
    case mfa::Outcome::wrong:
      return OAuthError{OAuthErrc::invalid_grant, std::string(wrong())};
    case mfa::Outcome::expired:
      return OAuthError{OAuthErrc::expired_token, "oob_code is expired"};
    case mfa::Outcome::too_many:
      return OAuthError{OAuthErrc::too_many_attempts, "Too many failed codes. Wait for some minutes before retrying."};
    case mfa::Outcome::forbidden:
      return OAuthError{OAuthErrc::access_denied, "User is already enrolled."};
  }
  gatehouse::Result<sign_in::Authenticated, sign_in::SignInError> who =
      parts_.mfa_tokens.sign_in().with_second_factor(attempt, waiting.who, *verification.proof);
  if (!who) return refused(std::move(who).error());
  TRY_VOID(parts_.mfa_tokens.keep(waiting));
  TRY(TokenResponse response, parts_.personal.finish(request, std::move(attempt), *who, asked, waiting.token));
  response.recovery_code = verification.new_recovery_code.reveal();
  return response;
}

}  // namespace gatehouse::oauth
