#include "oauth/grants/passwordless_otp.h"

namespace gatehouse::oauth {

Result<std::shared_ptr<const model::Connection>> passwordless_connection(const model::ConnectionStore& connections, const TenantId& tenant,
                                                                         const model::Client& client, std::string_view name) {
  TRY(const auto enabled, connections.enabled_for(tenant, client.id));
  const auto find = [&](auto&& means) -> std::shared_ptr<const model::Connection> {
    for (const auto& connection : enabled)
      if (connections::PasswordlessConnection::is_passwordless(*connection) && means(*connection) == name) return connection;
    return nullptr;
  };
  if (auto named = find([](const model::Connection& c) -> const std::string& { return c.name; })) return named;
  if (auto of_strategy = find([](const model::Connection& c) -> const std::string& { return c.strategy; })) return of_strategy;
  return OAuthError{OAuthErrc::unauthorized_client, "The connection is not enabled for this client.",
                    "There is no passwordless connection \"" + std::string(name) + "\" that is enabled for \"" + client.name + "\"."};
}

Result<TokenResponse> PasswordlessOtpGrant::handle(const TokenRequest& request, const AuthenticatedClient& client) const {
  TRY(const std::string address, request.body.require("username"));
  TRY(const std::string otp, request.body.require("otp"));
  TRY(const std::string realm, request.body.require("realm"));
  return exchange(request, client, realm, address, otp);
}

Result<TokenResponse> PasswordlessOtpGrant::exchange(const TokenRequest& request, const AuthenticatedClient& client, std::string_view realm,
                                                     std::string address, std::string_view otp) const {
  TRY(const auto connection, passwordless_connection(parts_.connections, request.tenant.id, *client.client, realm));
  TRY(const AskedTokens asked, parts_.personal.asked(request, *client.client, type()));
  sign_in::Attempt attempt{.tenant = &request.tenant,
                           .client = client.client.get(),
                           .connection = connection.get(),
                           .identifier = std::move(address),
                           .event = request.event(*client.client, failure_event(), "")};
  attempt.event.ip = address_of_person(request, client);
  const auto who = parts_.sign_in.with_one_time_code(attempt, parts_.passwordless, otp);
  if (!who && who.error().code == sign_in::SignInErrc::wrong_credentials)
    return OAuthError{OAuthErrc::invalid_grant, who.error().message}.already_logged();
  if (!who) return refused(who.error());
  attempt.event.type = "seotpft";
  attempt.event.description = "Passwordless OTP exchanged for an access token.";
  return parts_.personal.finish(request, std::move(attempt), *who, asked);
}

}  // namespace gatehouse::oauth
