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
#include "connections/database/database_connection.h"
#include "http/server.h"
#include "jobs/job_queue.h"
#include "logs/event_log.h"
#include "login/login.h"
#include "management/management.h"
#include "messaging/mailer.h"
#include "model/client_grants/client_grant_store.h"
#include "model/keys/key_ring.h"
#include "oauth/oauth.h"
#include "ops/health.h"
#include "ops/metrics_listener.h"
#include "sign_in/sign_in.h"

namespace gatehouse::app {

/// Every object of the process, declared in the order of dependency: a member refers only to members above it.
struct App::Parts {
  Parts(config::Settings settings, std::unique_ptr<Clock> clock, std::unique_ptr<crypto::Random> random, std::unique_ptr<JsonLog> log, TlsFiles tls,
        crypto::MasterKeys master_keys, std::unique_ptr<storage::Database> database);

  void mount_all();       ///< routes.cpp
  void register_jobs();   ///< jobs.cpp: clean-up of what has expired
  http::ServerHooks hooks();

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
  model::TenantStore tenants;
  model::ClientStore clients;
  model::ResourceServerStore resource_servers;
  model::ClientGrantStore client_grants;
  model::ConnectionStore connections;
  model::RoleStore roles;
  model::UserStore users;
  model::SessionStore sessions;
  model::TransactionStore transactions;
  model::TicketStore tickets;
  model::AuthorizationCodeStore authorization_codes;
  model::RefreshTokenStore refresh_tokens;
  model::ConsentStore consents;
  model::KeyStore keys;
  model::KeyRing key_ring;
};

}  // namespace gatehouse::app
