#include "oauth/grants/personal_tokens.h"

#include "http/forwarded.h"
#include "oauth/tokens/claims.h"

namespace gatehouse::oauth {

OAuthError refused(sign_in::SignInError error) {
  using sign_in::SignInErrc;
  switch (error.code) {
    case SignInErrc::wrong_credentials:
      return OAuthError{OAuthErrc::invalid_grant, "Wrong email or password."}.already_logged();
    case SignInErrc::user_blocked:
      return OAuthError{OAuthErrc::unauthorized, "user is blocked"}.already_logged();
    case SignInErrc::password_leaked:
      return OAuthError{OAuthErrc::password_leaked, std::move(error.message)}.already_logged();
    case SignInErrc::too_many_attempts:
      return OAuthError{OAuthErrc::too_many_attempts, std::move(error.message)}.already_logged();
    case SignInErrc::ip_throttled:
      return OAuthError{OAuthErrc::too_many_requests, std::move(error.message)}.already_logged();
    case SignInErrc::mfa_required:
      return OAuthError{OAuthErrc::mfa_required, error.message};
    case SignInErrc::invalid_connection:
      return OAuthError{OAuthErrc::unauthorized_client, "The connection is not enabled for this client."};
    case SignInErrc::overloaded:
      return OAuthError(Error{Errc::overloaded, error.message, error.cause.detail});
    case SignInErrc::unavailable:
      return OAuthError(std::move(error.cause));
  }
  return OAuthError{OAuthErrc::server_error, "Internal error."};
}

std::string address_of_person(const TokenRequest& request, const AuthenticatedClient& client) {
  const bool trusted = client.method != model::TokenEndpointAuthMethod::none &&
                       get_bool(client.client->properties, "is_token_endpoint_ip_header_trusted").value_or(false);
  if (!trusted) return request.http.client_ip;
  const std::optional<http::IpAddress> named = http::IpAddress::parse(request.http.header("auth0-forwarded-for").value_or(""));
  return named ? named->to_string() : request.http.client_ip;
}

Result<AskedTokens> PersonalTokens::asked(const TokenRequest& request, const model::Client& client, std::string_view gty) const {
  AskedTokens asked{.gty = std::string(gty)};
  TRY(asked.api, parts_.api_access.of_audience(request.tenant, request.body.get("audience").value_or("")));
  const std::optional<std::string_view> text = request.body.get("scope");
  asked.scopes = Scopes::parse(text.value_or("openid profile email address phone"));
  if (!text && asked.api)  // as Auth0: without a scope parameter the API's own scopes too
    for (const model::ResourceServer::Scope& scope : asked.api->scopes) asked.scopes.add(scope.value);
  TRY(asked.scopes, parts_.api_access.within_user_policy(client, asked.api.get(), asked.scopes));
  return asked;
}

Result<TokenResponse> PersonalTokens::finish(const TokenRequest& request, sign_in::Attempt attempt, const sign_in::Authenticated& who,
                                             const AskedTokens& asked) const {
  attempt.step_up_if_enrolled = asked.api && asked.api->identifier == mfa_audience(request.tenant);
  attempt.event.audience = asked.audience();
  const gatehouse::Result<sign_in::Admitted, sign_in::SignInError> admitted = parts_.sign_in.admit(attempt, who);
  if (admitted) return grant(request, attempt, *admitted, asked, nullptr);
  if (admitted.error().code != sign_in::SignInErrc::mfa_required) return refused(admitted.error());
  return parts_.mfa_tokens.required(request, attempt, who, asked, admitted.error().due);
}

Result<TokenResponse> PersonalTokens::finish(const TokenRequest& request, sign_in::Attempt attempt, const sign_in::Authenticated& who,
                                             const AskedTokens& asked, const model::MfaToken& token) const {
  attempt.event.audience = asked.audience();
  const gatehouse::Result<sign_in::Admitted, sign_in::SignInError> admitted = parts_.sign_in.admit(attempt, who);
  if (!admitted) return refused(admitted.error());
  return grant(request, attempt, *admitted, asked, &token);
}

Result<TokenResponse> PersonalTokens::grant(const TokenRequest& request, const sign_in::Attempt& attempt, const sign_in::Admitted& admitted,
                                            const AskedTokens& asked, const model::MfaToken* token) const {
  const sign_in::Authenticated& who = admitted.who();
  const model::Client& client = *attempt.client;
  const std::string family_id = new_family_id(parts_.random, request.now);
  struct Granted {
    Scopes scopes;
    std::set<std::string> permissions;
  };
  TRY(const Granted granted, parts_.db.write([&](storage::Transaction& tx) -> Result<Granted> {
    Granted result;
    if (token) {
      TRY(const bool first, model::MfaTokenStore().consume(tx, token->tenant, token->id, request.now));
      if (!first) return OAuthError{OAuthErrc::expired_token, "mfa_token is expired"};
    }
    TRY(const bool holds, parts_.sign_in.still_holds(tx, request.tenant.id, who));
    if (!holds) return OAuthError{OAuthErrc::invalid_grant, "Wrong email or password."};
    TRY(result.permissions, parts_.api_access.permissions(tx, request.tenant.id, who.user().id, asked.api.get()));
    result.scopes = grantable_scopes(asked.scopes, asked.api.get(), client, result.permissions);
    if (result.scopes.contains("offline_access")) {
      TRY_VOID(parts_.refresh_tokens.insert(tx, new_family(family_id, client, who.user().id, std::nullopt, asked.audience(), result.scopes,
                                                           who.connection(), who.at(), who.amr(), request.now)));
    }
    sign_in::Attempt recorded = attempt;
    recorded.event.scope = result.scopes.to_string();
    TRY_VOID(parts_.sign_in.record_login(tx, recorded, admitted));
    return result;
  }));

  UserTokensSpec spec{.client = client,
                      .api = asked.api.get(),
                      .user = who.user(),
                      .scopes = granted.scopes,
                      .permissions = granted.permissions,
                      .authenticated_at = who.at(),
                      .amr = who.amr(),
                      .gty = asked.gty};
  if (granted.scopes.contains("offline_access")) spec.refresh = {family_id, 0};
  return parts_.tokens.mint(request, spec);
}

}  // namespace gatehouse::oauth
