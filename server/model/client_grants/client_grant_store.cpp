#include "model/client_grants/client_grant_store.h"

namespace gatehouse::model {

ClientGrantStore::ClientGrantStore(storage::Database& db) : db_(db), objects_(table()), cache_(db, {"client_grants"}) {}

Result<std::shared_ptr<const ClientGrant>> ClientGrantStore::find(const TenantId& tenant, const ClientId& client, std::string_view audience,
                                                                  std::string_view subject_type) const {
  const std::string key = client.str() + '\n' + std::string(subject_type) + '\n' + std::string(audience);
  if (auto cached = cache_.find(tenant, key)) return cached;
  const uint64_t generation = cache_.generation();
  ObjectQuery query;
  query.limit = 1;
  query.where = {{"client_id", client}, {"audience", audience}, {"subject_type", subject_type}};
  TRY(const std::vector<StoredObject> found, db_.read([&](storage::Reader& reader) { return objects_.list(reader, tenant, query); }));
  if (found.empty()) return std::shared_ptr<const ClientGrant>{};
  auto grant = std::make_shared<const ClientGrant>(from_stored(found.front()));
  cache_.put(tenant, key, grant, generation);
  return grant;
}

ClientGrant ClientGrantStore::from_stored(const StoredObject& object) {
  const json::object& properties = object.properties;
  ClientGrant grant;
  grant.id = ClientGrantId(object.id);
  grant.client = ClientId(std::string(get_string(properties, "client_id").value_or("")));
  grant.audience = get_string(properties, "audience").value_or("");
  grant.scopes = get_strings(properties, "scope");
  grant.allow_all_scopes = get_bool(properties, "allow_all_scopes").value_or(false);
  grant.subject_type = get_string(properties, "subject_type").value_or("client");
  grant.properties = properties;
  return grant;
}

}  // namespace gatehouse::model
