#pragma once
#include "management/client_grants/client_grants_resource.h"
#include "management/clients/clients_resource.h"
#include "management/connections/connections_resource.h"
#include "management/keys/signing_keys_resource.h"
#include "management/resource_servers/resource_servers_resource.h"
#include "management/roles/roles_resource.h"
#include "management/tenants/settings_resource.h"

namespace gatehouse::management {

/// What administrators configure: everything of /api/v2 but users, jobs, mails and logs, which have parts of their own.
class Configuration {
 public:
  struct Stores {
    const model::TenantStore& tenants;
    const model::ClientStore& clients;
    const model::ResourceServerStore& apis;
    const model::ClientGrantStore& client_grants;
    const model::ConnectionStore& connections;
    const model::RoleStore& roles;
    const model::UserStore& users;
    const model::RefreshTokenStore& refresh_tokens;
    const model::KeyStore& keys;
    const model::KeyRing& ring;
    jobs::JobQueue& jobs;
  };
  Configuration(Api& api, Stores stores);
  void mount();

 private:
  ClientsResource clients_;
  ResourceServersResource apis_;
  ClientGrantsResource client_grants_;
  ConnectionsResource connections_;
  RolesResource roles_;
  SettingsResource settings_;
  SigningKeysResource signing_keys_;
};

}  // namespace gatehouse::management
