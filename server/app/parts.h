#pragma once
#include <atomic>
#include <memory>

#include "app/app.h"
#include "app/bootstrap.h"
#include "app/data_folder.h"
#include "app/hooks.h"
#include "app/host_table.h"
#include "app/json_log.h"
#include "attack_protection/attack_protection.h"
#include "attack_protection/captcha.h"
#include "connections/database/database_connection.h"
#include "connections/database/identifier_codes.h"
#include "connections/passwordless/passwordless_connection.h"
#include "connections/upstream/engine.h"
#include "http/server.h"
#include "jobs/job_files.h"
#include "jobs/job_queue.h"
#include "login/login.h"
#include "logs/event_log.h"
#include "messaging/database_messenger.h"
#include "mfa/mfa.h"
#include "model/authentication_methods/authentication_method_store.h"
#include "model/client_grants/client_grant_store.h"
#include "model/keys/key_ring.h"
#include "model/mfa/mfa_token_store.h"
#include "model/one_time_codes/one_time_code_store.h"
#include "model/used_jtis/used_jti_store.h"
#include "model/webauthn_challenges/webauthn_challenge_store.h"
#include "oauth/oauth.h"
#include "ops/health.h"
#include "ops/metrics_listener.h"
#include "sign_in/sign_in.h"

namespace gatehouse::app {

/// Every object of the process, declared in the order of dependency: a member refers only to members above it.
struct App::Parts {
  Parts(config::Settings settings, std::unique_ptr<Clock> clock, std::unique_ptr<crypto::Random> random, std::unique_ptr<JsonLog> log,
        TlsFiles tls, crypto::MasterKeys master_keys, std::unique_ptr<storage::Database> database,
        std::unique_ptr<crypto::LeakedPasswords> leaked);
  ~Parts();

  Result<void> mount_all();  ///< routes.cpp
  void register_jobs();      ///< jobs.cpp: clean-up of what has expired
  http::ServerHooks hooks();
  void tell(const messaging::DatabaseMessenger::Problem& problem);

  // the process
  const config::Settings settings;
  const std::unique_ptr<Clock> clock;
  const std::unique_ptr<crypto::Random> random;
  const std::unique_ptr<JsonLog> log;
  const TlsFiles tls;
  std::atomic<bool> stopping{false};

  // what is stored
  crypto::Sealer sealer;
  const std::unique_ptr<storage::Database> db;
  model::TenantStore tenants{*db};
  model::ClientStore clients{*db, sealer};
  model::ResourceServerStore resource_servers{*db, sealer};
  model::ClientGrantStore client_grants{*db};
  model::ConnectionStore connections{*db};
  model::RoleStore roles;
  model::UserStore users{*db};
  model::SessionStore sessions{*db};
  model::TransactionStore transactions;
  model::TicketStore tickets;
  model::OneTimeCodeStore one_time_codes;
  model::AuthenticationMethodStore authentication_methods;
  model::MfaTokenStore mfa_tokens;
  model::KnownBrowserStore known_browsers;
  model::UpstreamStore upstream_store{sealer};
  model::WebAuthnChallengeStore webauthn_challenges;
  model::AuthorizationCodeStore authorization_codes;
  model::RefreshTokenStore refresh_tokens;
  model::ConsentStore consents;
  model::LoginFailureStore login_failures;
  model::RateBucketStore rate_buckets;
  model::UsedJtiStore used_jtis;
  model::KeyStore keys{sealer, *random};
  model::KeyRing key_ring{*db, keys, *clock};
  model::FirstStores first_stores{tenants, clients, resource_servers, client_grants, connections, roles};
  HostTable hosts;

  // what works in the background
  jobs::DatabaseJobQueue jobs;
  const jobs::JobFiles job_files{sealer};
  logs::DatabaseEventLog events;
  messaging::DatabaseMessenger messenger;

  // what signs people in
  const std::unique_ptr<http::Client> outbound;
  crypto::PasswordHasher hasher;
  const std::unique_ptr<crypto::LeakedPasswords> leaked_passwords;  ///< null: the operator has none
  attack_protection::AttackProtection protection;
  attack_protection::Captcha captcha;
  connections::DatabaseConnection database_connection;
  connections::IdentifierCodes identifier_codes{{*db, users, one_time_codes, *random, *clock, events, messenger}};
  connections::PasswordlessConnection passwordless_connection{{*db, users, one_time_codes, *random, *clock, events, messenger}};
  connections::UpstreamEngine upstream;
  mfa::Mfa mfa;
  sign_in::SignIn sign_in;

  // what answers requests
  http::Router router;
  std::unique_ptr<login::Login> login;
  struct Mounted;  ///< the objects behind the routes
  std::unique_ptr<Mounted> mounted;
  std::unique_ptr<ops::Metrics> metrics;  ///< made once the router is complete
  std::unique_ptr<http::Server> server;
  std::unique_ptr<ops::MetricsListener> metrics_listener;
};

}  // namespace gatehouse::app
