#pragma once
#include "attack_protection/attack_protection.h"
#include "connections/database/database_connection.h"
#include "http/router.h"
#include "model/connections/connection_store.h"
#include "oauth/client_auth/client_auth.h"
#include "oauth/cors.h"

namespace gatehouse::oauth {

/// POST /dbconnections/signup and /dbconnections/change_password: self-service without a page, for users of a database connection that is
/// enabled for the client. Errors have the older form {"name","code","description","statusCode"}. Both hash or mail: sign_in lane.
class DbConnections {
 public:
  struct Parts {
    const model::TenantStore& tenants;
    const model::ClientStore& clients;
    const model::ConnectionStore& connections;
    const connections::DatabaseConnection& database;
    attack_protection::AttackProtection& protection;
  };
  explicit DbConnections(Parts parts) : parts_(parts) {}
  void mount(http::Router& router);

 private:
  /// What both requests begin with.
  struct Asked {
    std::shared_ptr<const model::Tenant> tenant;
    std::shared_ptr<const model::Client> client;
    std::shared_ptr<const model::Connection> connection;
  };
  [[nodiscard]] http::Response signup(const http::Request& request, const BodyParameters& body) const;
  [[nodiscard]] http::Response change_password(const http::Request& request, const BodyParameters& body) const;
  /// A refusal as a finished answer, or what was asked.
  [[nodiscard]] gatehouse::Result<Asked, http::Response> asked(const http::Request& request, const BodyParameters& body) const;
  template <class F>
  [[nodiscard]] http::Response with_body(const http::Request& request, F handle) const;
  Parts parts_;
};

}  // namespace gatehouse::oauth
