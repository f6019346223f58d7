#pragma once
#include <string>
#include <vector>

#include "base/id.h"
#include "base/secret_string.h"
#include "crypto/random.h"
#include "crypto/sealing.h"
#include "model/client_grants/client_grant_store.h"
#include "model/clients/client_store.h"
#include "model/connections/connection_store.h"
#include "model/resource_servers/resource_server_store.h"
#include "model/roles/role_store.h"
#include "model/tenants/tenant_store.h"
#include "storage/database.h"

namespace gatehouse::model {

/// What a new tenant has before anybody touched it: the system API `Auth0 Management API`, the client `All Applications`, a machine
/// client with a grant for every Management API scope, and the database connection Username-Password-Authentication.
struct FirstObjects {
  Tenant tenant;
  StoredObject management_api;
  StoredObject global_client;
  StoredObject management_client;
  StoredObject management_grant;
  StoredObject connection;
  std::string management_client_id;
  SecretString management_client_secret;  ///< in clear, for bootstrap.json; sealed in management_client
};

/// Makes them; nothing is stored yet.
FirstObjects make_first_objects(const TenantId& id, const std::string& issuer, const std::string& host, const crypto::Sealer& sealer,
                                crypto::Random& random, Timestamp now);
/// The stores they go into.
struct FirstStores {
  const TenantStore& tenants;
  const ClientStore& clients;
  const ResourceServerStore& resource_servers;
  const ClientGrantStore& client_grants;
  const ConnectionStore& connections;
  const RoleStore& roles;

  /// Stores them. Errors: unique_violation when the tenant exists.
  Result<void> insert(storage::Transaction& tx, const FirstObjects& objects, Timestamp now) const;
  /// Gives a user every permission of the Management API directly: the dashboard's first user.
  Result<void> grant_everything(storage::Transaction& tx, const Tenant& tenant, const UserId& user) const;
  /// Gives a tenant another issuer: its own row, the Management API's identifier, and all that refers to that.
  Result<void> move(storage::Transaction& tx, const Tenant& from, const std::string& issuer, const std::string& host, Timestamp now) const;
};

}  // namespace gatehouse::model
