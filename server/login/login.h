#pragma once
#include <memory>

#include "attack_protection/attack_protection.h"
#include "attack_protection/captcha.h"
#include "connections/database/database_connection.h"
#include "connections/database/identifier_codes.h"
#include "connections/passwordless/passwordless_connection.h"
#include "connections/upstream/engine.h"
#include "http/error_page.h"
#include "http/router.h"
#include "mfa/mfa.h"
#include "model/clients/client_store.h"
#include "model/connections/connection_store.h"
#include "model/resource_servers/resource_server_store.h"
#include "model/sessions/session_store.h"
#include "model/tenants/tenant_store.h"
#include "model/tickets/ticket_store.h"
#include "model/transactions/transaction_store.h"
#include "model/users/user_store.h"
#include "sign_in/sign_in.h"

namespace gatehouse::login {

/// The hosted pages (Universal Login): everything below /u/, and the error page that other parts show.
class Login {
 public:
  struct Parts {
    storage::Database& db;
    const model::TenantStore& tenants;
    const model::ClientStore& clients;
    const model::ConnectionStore& connections;
    const model::ResourceServerStore& resource_servers;
    const model::UserStore& users;
    const model::SessionStore& sessions;
    const model::TransactionStore& transactions;
    const model::TicketStore& tickets;
    const connections::DatabaseConnection& database;
    const sign_in::SignIn& sign_in;
    const mfa::Mfa& mfa;
    attack_protection::AttackProtection& protection;
    crypto::Random& random;
    const Clock& clock;
    logs::EventLog& log;
    const connections::UpstreamEngine& upstream;
    const model::UpstreamStore& upstream_store;
    const connections::PasswordlessConnection& passwordless;
    const connections::IdentifierCodes& identifier_codes;
    const attack_protection::Captcha* captcha = nullptr;  ///< null: nobody is asked
  };
  /// Parses the compiled-in templates. Errors: internal, naming the one that does not parse.
  static Result<std::unique_ptr<Login>> create(Parts parts);
  ~Login();

  void mount(http::Router& router);
  /// The page for what cannot be sent back to an application; for oauth/. Lives as long as this object.
  [[nodiscard]] http::ErrorPageRenderer error_page() const;
  /// The page for browsers whose request no lane took; for the server's hooks. Does not block.
  [[nodiscard]] http::Response turned_away(const http::Request& request) const;

 private:
  struct Screens;
  explicit Login(std::unique_ptr<Screens> screens);
  std::unique_ptr<Screens> screens_;
};

}  // namespace gatehouse::login
