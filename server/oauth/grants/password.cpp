#include "oauth/grants/password.h"

#include "http/forwarded.h"
#include "oauth/tokens/claims.h"

namespace gatehouse::oauth {
namespace {

/// Auth0's words for why nobody was signed in. sign_in/ has written the event.
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

/// Whose failures are counted: the person's address, which an application that proved itself and is trusted with it may name
/// (Auth0: is_token_endpoint_ip_header_trusted). Everybody else's header is ignored.
std::string address_of_person(const TokenRequest& request, const AuthenticatedClient& client) {
  const bool trusted = client.method != model::TokenEndpointAuthMethod::none &&
                       get_bool(client.client->properties, "is_token_endpoint_ip_header_trusted").value_or(false);
  if (!trusted) return request.http.client_ip;
  const std::optional<http::IpAddress> named = http::IpAddress::parse(request.http.header("auth0-forwarded-for").value_or(""));
  return named ? named->to_string() : request.http.client_ip;
}

}  // namespace

Result<TokenResponse> PasswordExchange::exchange(const TokenRequest& request, const AuthenticatedClient& authenticated,
                                                 std::string_view connection_name) const {
  const model::Client& client = *authenticated.client;
  if (!client.is_first_party)
    return OAuthError{OAuthErrc::unauthorized_client, "Grant type 'password' not allowed for the client.",
                      "Third-party applications never see passwords."};
  TRY(const std::string username, request.body.require("username"));
  TRY(const SecretString password, [&]() -> Result<SecretString> {
    TRY(std::string text, request.body.require("password"));
    return SecretString(std::move(text));
  }());
  TRY(const std::shared_ptr<const model::Connection> connection, parts_.connections.find_by_name(request.tenant.id, connection_name));
  if (!connection || !connection->is_database() || !connection->is_enabled_for(client.id)) {
    return OAuthError{OAuthErrc::unauthorized_client, "The connection is not enabled for this client.",
                      connection ? "Enable \"" + connection->name + "\" for the application \"" + client.name + "\"."
                                 : "There is no connection \"" + std::string(connection_name) + "\"."};
  }
  TRY(const std::shared_ptr<const model::ResourceServer> api,
      parts_.api_access.of_audience(request.tenant, request.body.get("audience").value_or("")));
  const std::optional<std::string_view> asked_text = request.body.get("scope");
  Scopes asked = Scopes::parse(asked_text.value_or("openid profile email address phone"));
  if (!asked_text && api)  // as Auth0: without a scope parameter the API's own scopes too
    for (const model::ResourceServer::Scope& scope : api->scopes) asked.add(scope.value);
  TRY(asked, parts_.api_access.within_user_policy(client, api.get(), asked));

  sign_in::Attempt attempt{.tenant = &request.tenant,
                           .client = &client,
                           .connection = connection.get(),
                           .identifier = username,
                           .event = request.event(client, "fp", "")};
  attempt.event.ip = address_of_person(request, authenticated);
  gatehouse::Result<sign_in::Authenticated, sign_in::SignInError> who = parts_.sign_in.with_password(attempt, password.reveal());
  if (!who) return refused(std::move(who).error());
  const gatehouse::Result<sign_in::Admitted, sign_in::SignInError> admitted = parts_.sign_in.admit(attempt, *who);
  if (!admitted) return refused(admitted.error());

  const std::string family_id = new_family_id(parts_.random, request.now);
  struct Granted {
    Scopes scopes;
    std::set<std::string> permissions;
  };
  attempt.event = request.event(client, "sepft", "Password exchanged for an access token.");
  attempt.event.ip = address_of_person(request, authenticated);
  attempt.event.audience = api ? api->identifier : "";
  TRY(const Granted granted, parts_.db.write([&](storage::Transaction& tx) -> Result<Granted> {
    Granted result;
    TRY(const bool holds, parts_.sign_in.still_holds(tx, request.tenant.id, *who));
    if (!holds) return OAuthError{OAuthErrc::invalid_grant, "Wrong email or password."};
    TRY(result.permissions, parts_.api_access.permissions(tx, request.tenant.id, who->user().id, api.get()));
    result.scopes = grantable_scopes(asked, api.get(), client, result.permissions);
    if (result.scopes.contains("offline_access")) {
      TRY_VOID(parts_.refresh_tokens.insert(tx, new_family(family_id, client, who->user().id, std::nullopt, api ? api->identifier : "",
                                                           result.scopes, who->connection(), who->at(), who->amr(), request.now)));
    }
    sign_in::Attempt recorded = attempt;
    recorded.event.scope = result.scopes.to_string();
    TRY_VOID(parts_.sign_in.record_login(tx, recorded, *admitted));
    return result;
  }));

  UserTokensSpec spec{.client = client,
                      .api = api.get(),
                      .user = who->user(),
                      .scopes = granted.scopes,
                      .permissions = granted.permissions,
                      .authenticated_at = who->at(),
                      .amr = who->amr(),
                      .gty = "password"};
  if (granted.scopes.contains("offline_access")) spec.refresh = {family_id, 0};
  return parts_.tokens.mint(request, spec);
}

Result<TokenResponse> PasswordGrant::handle(const TokenRequest& request, const AuthenticatedClient& client) const {
  // Auth0 takes a realm here too: SDKs send it with either grant type.
  if (const std::optional<std::string_view> realm = request.body.get("realm")) return exchange_.exchange(request, client, *realm);
  const std::string directory = request.tenant.default_directory();
  if (directory.empty())
    return OAuthError{
        OAuthErrc::invalid_request, "Authorization server not configured with default connection.",
        "Set default_directory in the tenant settings, or use the grant type http://auth0.com/oauth/grant-type/password-realm."};
  return exchange_.exchange(request, client, directory);
}

}  // namespace gatehouse::oauth
