#include "oauth/grants/password.h"

#include "connections/database/identifiers.h"

namespace gatehouse::oauth {

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
  TRY(const AskedTokens asked, parts_.personal.asked(request, client, "password"));

  sign_in::Attempt attempt{.tenant = &request.tenant,
                           .client = &client,
                           .connection = connection.get(),
                           .identifier = username,
                           .event = request.event(client, "fp", "")};
  attempt.event.ip = address_of_person(request, authenticated);
  TRY(const bool wants_captcha,
      parts_.protection.wants_captcha(request.tenant.id, attack_protection::AttackProtection::Guarded::password,
                                      connections::counted_identifier(std::nullopt, username), attempt.event.ip));
  if (wants_captcha) return OAuthError{OAuthErrc::requires_verification, "Suspicious request requires verification"};
  gatehouse::Result<sign_in::Authenticated, sign_in::SignInError> who = parts_.sign_in.with_password(attempt, password.reveal());
  if (!who) return refused(std::move(who).error());
  attempt.event = request.event(client, "sepft", "Password exchanged for an access token.");
  attempt.event.ip = address_of_person(request, authenticated);
  return parts_.personal.finish(request, std::move(attempt), *who, asked);
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
