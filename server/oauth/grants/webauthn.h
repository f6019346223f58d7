#pragma once
#include "connections/database/passkeys.h"
#include "model/connections/connection_store.h"
#include "oauth/grants/personal_tokens.h"

namespace gatehouse::oauth {

/// What the passkey endpoints and their grant share: whose request it is, and what an answer is bound to.
class PasskeyRequests {
 public:
  struct Parts {
    const model::ConnectionStore& connections;
    const connections::Passkeys& passkeys;
  };
  explicit PasskeyRequests(Parts parts) : parts_(parts) {}
  /// The database connection `realm` names, else the tenant's default directory. Errors: invalid_request, unauthorized_client (the application
  /// may not use it, is not first-party, or passkeys are off there).
  [[nodiscard]] Result<std::shared_ptr<const model::Connection>> connection(const model::Tenant& tenant, const model::Client& client,
                                                                            const BodyParameters& body) const;
  /// An auth_session is worth something to the application it was given to, for the connection it was given for.
  [[nodiscard]] static std::string subject(std::string_view auth_session, const model::Client& client, const model::Connection& connection);
  /// Pages and apps of this application, beside our own, whose answers count: its allowed origins within the relying party's domain, its
  /// Android apps by certificate, its iOS apps.
  [[nodiscard]] static std::vector<std::string> origins_of(const model::Tenant& tenant, const model::Client& client);
  [[nodiscard]] const connections::Passkeys& passkeys() const { return parts_.passkeys; }

 private:
  Parts parts_;
};

/// Passkey grant (urn:okta:params:oauth:grant-type:webauthn): the answer of an authenticator (`authn_response`) to /passkey/challenge or
/// /passkey/register is exchanged for tokens; the latter makes the user.
/// Errors: invalid_request, invalid_grant, unauthorized (user is blocked), mfa_required, too_many_attempts.
class WebAuthnGrant final : public Grant {
 public:
  static constexpr std::string_view kType = "urn:okta:params:oauth:grant-type:webauthn";
  struct Parts {
    const sign_in::SignIn& sign_in;
    const connections::DatabaseConnection& database;
    const PasskeyRequests& passkeys;
    const PersonalTokens& personal;
  };
  explicit WebAuthnGrant(Parts parts) : parts_(parts) {}
  [[nodiscard]] std::string_view type() const override { return kType; }
  [[nodiscard]] http::Lane lane() const override { return http::Lane::store; }
  [[nodiscard]] std::string_view failure_event() const override { return "f"; }
  [[nodiscard]] Result<TokenResponse> handle(const TokenRequest& request, const AuthenticatedClient& client) const override;

 private:
  [[nodiscard]] Result<sign_in::Authenticated> sign_up(const TokenRequest& request, const model::Client& client,
                                                       const model::Connection& connection, std::string_view subject,
                                                       const json::object& answer, sign_in::Attempt& attempt) const;
  Parts parts_;
};

/// The profile a sign-up may carry (`user_profile`, `user_metadata`). Errors: invalid_request.
Result<connections::SignUp> sign_up_of(const json::object& profile, const json::object& metadata);

}  // namespace gatehouse::oauth
