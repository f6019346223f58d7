#include "model/clients/client_store.h"

#include "base/encoding.h"

namespace gatehouse::model {
namespace {

TokenEndpointAuthMethod auth_method_of(const json::object& properties) {
  if (const json::object* methods = get_object(properties, "client_authentication_methods");
      methods && methods->contains("private_key_jwt"))
    return TokenEndpointAuthMethod::private_key_jwt;
  const std::string_view method = get_string(properties, "token_endpoint_auth_method").value_or("");
  if (method == "none") return TokenEndpointAuthMethod::none;
  if (method == "client_secret_basic") return TokenEndpointAuthMethod::client_secret_basic;
  if (method == "private_key_jwt") return TokenEndpointAuthMethod::private_key_jwt;
  if (method.empty()) {  // Auth0's defaults follow the kind of application: browsers and phones keep no secret
    const std::string_view app_type = get_string(properties, "app_type").value_or("");
    if (app_type == "spa" || app_type == "native") return TokenEndpointAuthMethod::none;
  }
  return TokenEndpointAuthMethod::client_secret_post;
}

RefreshTokenPolicy refresh_token_policy(const json::object& properties) {
  RefreshTokenPolicy policy;
  const json::object* stored = get_object(properties, "refresh_token");
  if (!stored) return policy;
  policy.rotating = get_string(*stored, "rotation_type") == "rotating";
  policy.expiring = get_string(*stored, "expiration_type") == "expiring";
  policy.leeway = seconds(get_int(*stored, "leeway").value_or(policy.leeway.count()));
  policy.token_lifetime = seconds(get_int(*stored, "token_lifetime").value_or(policy.token_lifetime.count()));
  policy.idle_token_lifetime = seconds(get_int(*stored, "idle_token_lifetime").value_or(policy.idle_token_lifetime.count()));
  policy.infinite_token_lifetime = get_bool(*stored, "infinite_token_lifetime").value_or(!policy.expiring);
  policy.infinite_idle_token_lifetime = get_bool(*stored, "infinite_idle_token_lifetime").value_or(!policy.expiring);
  return policy;
}

/// The registered keys that private_key_jwt names. A key that does not parse is left out: it cannot verify anything.
std::vector<ClientCredential> credentials_of(const json::object& properties) {
  std::vector<ClientCredential> credentials;
  const json::object* methods = get_object(properties, "client_authentication_methods");
  const json::object* private_key_jwt = methods ? get_object(*methods, "private_key_jwt") : nullptr;
  const json::array* named = private_key_jwt ? get_array(*private_key_jwt, "credentials") : nullptr;
  const json::array* stored = get_array(properties, ClientStore::credentials_property);
  if (!named || !stored) return credentials;
  const auto is_named = [&](std::string_view id) {
    return std::any_of(named->begin(), named->end(),
                       [&](const json::value& entry) { return entry.is_object() && get_string(entry.as_object(), "id") == id; });
  };
  for (const json::value& entry : *stored) {
    if (!entry.is_object()) continue;
    const json::object& credential = entry.as_object();
    const std::string id(get_string(credential, "id").value_or(""));
    const json::object* jwk = get_object(credential, "jwk");
    const std::optional<jose::Algorithm> algorithm = jose::parse_algorithm(get_string(credential, "alg").value_or("RS256"));
    if (!jwk || !algorithm || !is_named(id)) continue;
    Result<jose::PublicKey> key = jose::PublicKey::from_jwk(*jwk, algorithm);
    if (!key) continue;
    const std::optional<int64_t> expires_at = get_int(credential, "expires_at_us");
    credentials.push_back({id, std::string(get_string(credential, "kid").value_or("")), *std::move(key),
                           expires_at ? std::optional(from_micros(*expires_at)) : std::nullopt});
  }
  return credentials;
}

}  // namespace

ClientStore::ClientStore(storage::Database& db, const crypto::Sealer& sealer)
    : db_(db), sealer_(sealer), objects_(table()), cache_(db, {"clients"}) {}

Result<std::shared_ptr<const Client>> ClientStore::find(const TenantId& tenant, const ClientId& id) const {
  if (auto cached = cache_.find(tenant, id.str())) return cached;
  const uint64_t generation = cache_.generation();
  TRY(const std::optional<StoredObject> object, db_.read([&](storage::Reader& reader) { return objects_.find(reader, tenant, id.str()); }));
  if (!object) return std::shared_ptr<const Client>{};
  auto client = std::make_shared<const Client>(from_stored(tenant, *object));
  cache_.put(tenant, id.str(), client, generation);
  return client;
}

Result<SecretString> ClientStore::secret(const Client& client) const {
  if (client.sealed_secret.empty()) return SecretString{};
  return sealer_.open(client.sealed_secret, secret_context(client.id));
}

Client ClientStore::from_stored(const TenantId& tenant, const StoredObject& object) {
  const json::object& properties = object.properties;
  Client client;
  client.id = ClientId(object.id);
  client.tenant = tenant;
  client.name = get_string(properties, "name").value_or("");
  client.app_type = get_string(properties, "app_type").value_or("");
  client.sealed_secret = get_string(properties, "client_secret").value_or("");
  client.auth_method = auth_method_of(properties);
  client.credentials = credentials_of(properties);
  client.grant_types = get_strings(properties, "grant_types");
  client.callbacks = get_strings(properties, "callbacks");
  client.allowed_logout_urls = get_strings(properties, "allowed_logout_urls");
  client.web_origins = get_strings(properties, "web_origins");
  client.allowed_origins = get_strings(properties, "allowed_origins");
  client.initiate_login_uri = get_string(properties, "initiate_login_uri").value_or("");
  client.logo_uri = get_string(properties, "logo_uri").value_or("");
  client.is_first_party = get_bool(properties, "is_first_party").value_or(true);
  client.global = get_bool(properties, "global").value_or(false);
  client.skip_callback_confirmation = get_bool(properties, "skip_non_verifiable_callback_uri_confirmation_prompt").value_or(false);
  if (const json::object* jwt = get_object(properties, "jwt_configuration")) {
    client.id_token_alg = get_string(*jwt, "alg").value_or("RS256");
    client.id_token_lifetime = seconds(get_int(*jwt, "lifetime_in_seconds").value_or(36'000));
  }
  client.refresh_token = refresh_token_policy(properties);
  client.properties = properties;
  return client;
}

}  // namespace gatehouse::model
