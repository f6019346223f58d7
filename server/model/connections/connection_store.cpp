#include "model/connections/connection_store.h"

namespace gatehouse::model {
namespace {

/// A tenant has few connections; this bounds what one login page can cost.
constexpr int64_t most_connections = 10'000;

}  // namespace

ConnectionStore::ConnectionStore(storage::Database& db) : db_(db), objects_(table()), cache_(db, {"connections"}) {}

Result<std::shared_ptr<const ConnectionStore::All>> ConnectionStore::all(const TenantId& tenant) const {
  if (auto cached = cache_.find(tenant, "all")) return cached;
  const uint64_t generation = cache_.generation();
  ObjectQuery query;
  query.limit = most_connections;
  TRY(const std::vector<StoredObject> objects, db_.read([&](storage::Reader& reader) { return objects_.list(reader, tenant, query); }));
  auto connections = std::make_shared<All>();
  connections->reserve(objects.size());
  for (const StoredObject& object : objects) connections->push_back(std::make_shared<const Connection>(from_stored(tenant, object)));
  std::shared_ptr<const All> result = std::move(connections);
  cache_.put(tenant, "all", result, generation);
  return result;
}

Result<std::shared_ptr<const Connection>> ConnectionStore::find_by_name(const TenantId& tenant, std::string_view name) const {
  TRY(const std::shared_ptr<const All> connections, all(tenant));
  for (const auto& connection : *connections)
    if (connection->name == name) return connection;
  return std::shared_ptr<const Connection>{};
}

Result<std::shared_ptr<const Connection>> ConnectionStore::find(const TenantId& tenant, const ConnectionId& id) const {
  TRY(const std::shared_ptr<const All> connections, all(tenant));
  for (const auto& connection : *connections)
    if (connection->id == id) return connection;
  return std::shared_ptr<const Connection>{};
}

Result<std::vector<std::shared_ptr<const Connection>>> ConnectionStore::enabled_for(const TenantId& tenant, const ClientId& client) const {
  TRY(const std::shared_ptr<const All> connections, all(tenant));
  All enabled;
  for (const auto& connection : *connections)
    if (connection->is_enabled_for(client)) enabled.push_back(connection);
  std::stable_partition(enabled.begin(), enabled.end(), [](const auto& connection) { return connection->is_database(); });
  return enabled;
}

Connection ConnectionStore::from_stored(const TenantId& tenant, const StoredObject& object) {
  const json::object& properties = object.properties;
  Connection connection;
  connection.id = ConnectionId(object.id);
  connection.tenant = tenant;
  connection.name = get_string(properties, "name").value_or("");
  connection.strategy = get_string(properties, "strategy").value_or("");
  connection.display_name = get_string(properties, "display_name").value_or("");
  connection.realms = get_strings(properties, "realms");
  if (connection.realms.empty()) connection.realms.push_back(connection.name);
  connection.enabled_clients = get_strings(properties, "enabled_clients");
  connection.is_domain_connection = get_bool(properties, "is_domain_connection").value_or(false);
  if (const json::object* options = get_object(properties, "options")) connection.options = *options;
  connection.properties = properties;
  return connection;
}

}  // namespace gatehouse::model
