#include "management/management.h"

namespace gatehouse::management {

Configuration::Configuration(Api& api, Stores stores)
    : clients_(api, {stores.clients, stores.client_grants, stores.connections, stores.refresh_tokens, stores.apis, stores.ring}),
      apis_(api, stores.apis, stores.client_grants, stores.roles, stores.ring),
      client_grants_(api, stores.client_grants, stores.clients, stores.apis),
      connections_(api, stores.connections, stores.clients, stores.users, stores.jobs),
      roles_(api, stores.roles, stores.apis, stores.users),
      settings_(api, stores.tenants),
      signing_keys_(api, stores.keys, stores.ring) {}

void Configuration::mount() {
  clients_.mount();
  apis_.mount();
  client_grants_.mount();
  connections_.mount();
  roles_.mount();
  settings_.mount();
  signing_keys_.mount();
}

}  // namespace gatehouse::management
