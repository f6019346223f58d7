#pragma once
#include "connections/upstream/provider.h"
#include "logs/event.h"
#include "model/clients/client.h"
#include "model/connections/connection.h"
#include "model/users/user.h"

namespace gatehouse::connections {

inline void about(logs::Event& event, const model::Connection& connection, const model::Client* client) {
  event.connection = connection.name;
  event.connection_id = connection.id.str();
  event.strategy = connection.strategy;
  const Provider* provider = find_provider(connection.strategy);
  event.strategy_type = connection.is_database() ? "database" : provider && provider->is_social ? "social" : "enterprise";
  if (client) {
    event.client = client->id;
    event.client_name = client->name;
  }
}

inline void about(logs::Event& event, const model::User& user) {
  event.user = user.id;
  event.user_name = user.known_as();
  if (event.connection.empty()) event.connection = user.connection();
}

}  // namespace gatehouse::connections
