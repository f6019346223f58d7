#pragma once
#include "attack_protection/attack_protection.h"
#include "model/connections/connection_store.h"
#include "oauth/authorize/endpoint.h"
#include "oauth/dbconnections/dbconnections.h"
#include "oauth/discovery/discovery.h"
#include "oauth/grants/authorization_code.h"
#include "oauth/grants/client_credentials.h"
#include "oauth/grants/mfa_oob.h"
#include "oauth/grants/mfa_otp.h"
#include "oauth/grants/mfa_recovery_code.h"
#include "oauth/grants/password_realm.h"
#include "oauth/grants/refresh_token.h"
#include "oauth/logout/logout.h"
#include "oauth/passwordless/passwordless.h"
#include "oauth/mfa_api/mfa_api.h"
#include "oauth/passkey/passkey_api.h"
#include "oauth/revoke/revoke.h"
#include "oauth/token/endpoint.h"
#include "oauth/userinfo/userinfo.h"
#include "sign_in/sign_in.h"

namespace gatehouse::oauth {

/// The protocol as a whole: builds each of its objects once, in dependency order, and mounts their routes.
class Oauth {
 public:
  struct Parts {
    storage::Database& db;
    crypto::Random& random;
    const Clock& clock;
    const model::KeyRing& keys;
    const model::TenantStore& tenants;
    const model::ClientStore& clients;
    const model::ResourceServerStore& resource_servers;
    const model::ClientGrantStore& client_grants;
    const model::ConnectionStore& connections;
    const model::UserStore& users;
    const model::RoleStore& roles;
    const model::SessionStore& sessions;
    const model::TransactionStore& transactions;
    const model::AuthorizationCodeStore& authorization_codes;
    const model::RefreshTokenStore& refresh_tokens;
    const model::ConsentStore& consents;
    const sign_in::SignIn& sign_in;
    const mfa::Mfa& mfa;
    const connections::DatabaseConnection& database;
    attack_protection::AttackProtection& protection;
    logs::EventLog& log;
    http::ErrorPageRenderer error_page;  ///< login/error_page: the one page that this folder shows
    const connections::PasswordlessConnection& passwordless;
    const connections::UpstreamEngine* upstream = nullptr;  ///< null: nobody comes from elsewhere
  };
  explicit Oauth(const Parts& parts);
  Oauth(const Oauth&) = delete;
  Oauth& operator=(const Oauth&) = delete;
  void mount(http::Router& router);

 private:
  // tokens
  Issuer issuer_;
  TokenVerifier verifier_;
  RefreshTokenTexts refresh_texts_;
  ApiAccess api_access_;
  MissingPermissionsNotice missing_permissions_;
  MachineTokenWatch machine_tokens_;
  UserTokens user_tokens_;
  LoopGuard loop_guard_;
  // /oauth/token
  ClientAuthenticator client_auth_;
  AuthorizationCodeGrant authorization_code_;
  RefreshTokenGrant refresh_token_;
  ClientCredentialsGrant client_credentials_;
  MfaTokens mfa_tokens_;
  PersonalTokens personal_tokens_;
  PasswordExchange password_exchange_;
  PasswordGrant password_;
  PasswordRealmGrant password_realm_;
  MfaOtpGrant mfa_otp_;
  MfaOobGrant mfa_oob_;
  MfaRecoveryCodeGrant mfa_recovery_code_;
  PasswordlessOtpGrant passwordless_otp_;
  connections::Passkeys passkeys_;
  PasskeyRequests passkey_requests_;
  WebAuthnGrant webauthn_;
  TokenEndpoint token_;
  // the others
  VisitorReader visitors_;
  AuthorizeEndpoint authorize_;
  Discovery discovery_;
  Userinfo userinfo_;
  Revoke revoke_;
  Logout logout_;
  DbConnections dbconnections_;
  PasskeyApi passkey_api_;
  Passwordless passwordless_;
  MfaApi mfa_api_;
};

}  // namespace gatehouse::oauth
