#include "model/resource_servers/resource_server_store.h"

#include "base/encoding.h"

namespace gatehouse::model {
namespace {

/// What remains of an identifier when the usual slips are taken away: scheme, case, final slashes.
std::string essence(std::string_view identifier) {
  std::string text = to_lower_ascii(identifier);
  for (const std::string_view scheme : {"https://", "http://"})
    if (text.starts_with(scheme)) text.erase(0, scheme.size());
  while (text.ends_with('/')) text.pop_back();
  return text;
}

/// Levenshtein distance, given up on above `limit`.
size_t edit_distance(std::string_view a, std::string_view b, size_t limit) {
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

constexpr size_t longest_compared = 512;

}  // namespace

ResourceServerStore::ResourceServerStore(storage::Database& db, const crypto::Sealer& sealer)
    : db_(db), sealer_(sealer), objects_(table()), cache_(db, {"resource_servers"}) {}

Result<std::shared_ptr<const ResourceServer>> ResourceServerStore::find_by_identifier(const TenantId& tenant,
                                                                                      std::string_view identifier) const {
  if (auto cached = cache_.find(tenant, identifier)) return cached;
  const uint64_t generation = cache_.generation();
  TRY(const std::optional<StoredObject> object,
      db_.read([&](storage::Reader& reader) { return objects_.find_by(reader, tenant, "identifier", identifier); }));
  if (!object) return std::shared_ptr<const ResourceServer>{};
  auto api = std::make_shared<const ResourceServer>(from_stored(tenant, *object));
  cache_.put(tenant, identifier, api, generation);
  return api;
}

Result<SecretString> ResourceServerStore::signing_secret(const ResourceServer& api) const {
  if (api.sealed_signing_secret.empty()) return SecretString{};
  return sealer_.open(api.sealed_signing_secret, signing_secret_context(api.id));
}

Result<std::optional<std::string>> ResourceServerStore::closest_identifier(const TenantId& tenant, std::string_view asked) const {
  if (asked.size() > longest_compared) return std::optional<std::string>{};
  TRY(const storage::Rows rows, db_.read([&](storage::Reader& reader) {
    return reader.query("SELECT identifier FROM resource_servers WHERE tenant = $1 ORDER BY identifier LIMIT 10000", tenant);
  }));
  const std::string wanted = essence(asked);
  std::optional<std::string> closest;
  size_t closest_distance = 2;  // one edit at most
  for (const storage::Row& row : rows) {
    const std::string& identifier = row.text(0);
    if (identifier.size() > longest_compared) continue;
    const size_t distance = edit_distance(wanted, essence(identifier), 1);
    if (distance < closest_distance) {
      closest = identifier;
      closest_distance = distance;
    }
  }
  return closest;
}

ResourceServer ResourceServerStore::from_stored(const TenantId& tenant, const StoredObject& object) {
  const json::object& properties = object.properties;
  ResourceServer api;
  api.id = ResourceServerId(object.id);
  api.tenant = tenant;
  api.identifier = get_string(properties, "identifier").value_or("");
  api.name = get_string(properties, "name").value_or("");
  if (const json::array* scopes = get_array(properties, "scopes"))
    for (const json::value& scope : *scopes)
      if (const json::object* entry = scope.if_object())
        api.scopes.push_back(
            {std::string(get_string(*entry, "value").value_or("")), std::string(get_string(*entry, "description").value_or(""))});
  api.signing_alg = get_string(properties, "signing_alg").value_or("RS256");
  api.sealed_signing_secret = get_string(properties, "signing_secret").value_or("");
  api.token_lifetime = seconds(get_int(properties, "token_lifetime").value_or(86'400));
  api.token_lifetime_for_web = seconds(get_int(properties, "token_lifetime_for_web").value_or(7'200));
  api.allow_offline_access = get_bool(properties, "allow_offline_access").value_or(false);
  api.skip_consent_for_verifiable_first_party_clients =
      get_bool(properties, "skip_consent_for_verifiable_first_party_clients").value_or(false);
  api.enforce_policies = get_bool(properties, "enforce_policies").value_or(false);
  api.token_dialect = get_string(properties, "token_dialect").value_or("access_token");
  api.is_system = get_bool(properties, "is_system").value_or(false);
  if (const json::object* subjects = get_object(properties, "subject_type_authorization")) {
    if (const json::object* client = get_object(*subjects, "client"))
      api.client_policy = get_string(*client, "policy").value_or(api.client_policy);
    if (const json::object* user = get_object(*subjects, "user")) api.user_policy = get_string(*user, "policy").value_or(api.user_policy);
  }
  api.properties = properties;
  return api;
}

}  // namespace gatehouse::model
