#include "oauth/oauth.h"

namespace gatehouse::oauth {

Oauth::Oauth(const Parts& p)
    : issuer_(p.keys, p.clients, p.resource_servers, p.random),
      verifier_(p.keys, p.clients, p.clock),
      refresh_texts_(p.keys),
      api_access_(p.resource_servers, p.client_grants, p.roles),
      missing_permissions_(p.log, p.clock),
      machine_tokens_(p.log, p.clock),
      user_tokens_(issuer_, refresh_texts_, missing_permissions_),
      loop_guard_(p.clock),
      client_auth_(p.db, p.clients, p.clock),
      authorization_code_({.db = p.db,
                           .codes = p.authorization_codes,
                           .refresh_tokens = p.refresh_tokens,
                           .sessions = p.sessions,
                           .users = p.users,
                           .api_access = api_access_,
                           .tokens = user_tokens_,
                           .loop_guard = loop_guard_,
                           .random = p.random,
                           .log = p.log}),
      refresh_token_({.db = p.db,
                      .refresh_tokens = p.refresh_tokens,
                      .users = p.users,
                      .api_access = api_access_,
                      .texts = refresh_texts_,
                      .tokens = user_tokens_,
                      .log = p.log}),
      client_credentials_(
          {.api_access = api_access_, .client_grants = p.client_grants, .issuer = issuer_, .watch = machine_tokens_, .log = p.log}),
      password_exchange_({.db = p.db,
                          .sign_in = p.sign_in,
                          .connections = p.connections,
                          .refresh_tokens = p.refresh_tokens,
                          .api_access = api_access_,
                          .tokens = user_tokens_,
                          .random = p.random,
                          .log = p.log}),
      password_(password_exchange_),
      password_realm_(password_exchange_),
      token_({.db = p.db, .tenants = p.tenants, .client_auth = client_auth_, .clients = p.clients, .log = p.log, .clock = p.clock},
             {&authorization_code_, &refresh_token_, &client_credentials_, &password_, &password_realm_}),
      visitors_(p.sessions, p.users, p.consents, api_access_),
      authorize_({.db = p.db,
                  .tenants = p.tenants,
                  .transactions = p.transactions,
                  .sessions = p.sessions,
                  .codes = p.authorization_codes,
                  .consents = p.consents,
                  .checks = {.clients = p.clients, .connections = p.connections, .api_access = api_access_, .verifier = verifier_},
                  .visitors = visitors_,
                  .issuer = issuer_,
                  .notice = missing_permissions_,
                  .loop_guard = loop_guard_,
                  .random = p.random,
                  .clock = p.clock,
                  .log = p.log,
                  .error_page = p.error_page}),
      discovery_(p.db, p.tenants, p.keys),
      userinfo_(p.db, p.tenants, p.users, verifier_),
      revoke_({.db = p.db,
               .tenants = p.tenants,
               .clients = p.clients,
               .client_auth = client_auth_,
               .refresh_tokens = p.refresh_tokens,
               .texts = refresh_texts_,
               .log = p.log,
               .clock = p.clock}),
      logout_({.db = p.db,
               .tenants = p.tenants,
               .clients = p.clients,
               .sessions = p.sessions,
               .transactions = p.transactions,
               .verifier = verifier_,
               .random = p.random,
               .clock = p.clock,
               .log = p.log,
               .error_page = p.error_page}),
      dbconnections_(
          {.tenants = p.tenants, .clients = p.clients, .connections = p.connections, .database = p.database, .protection = p.protection}) {}

void Oauth::mount(http::Router& router) {
  discovery_.mount(router);
  authorize_.mount(router);
  token_.mount(router);
  userinfo_.mount(router);
  revoke_.mount(router);
  logout_.mount(router);
  dbconnections_.mount(router);
}

}  // namespace gatehouse::oauth
