#include "model/bootstrap.h"

#include "model/clients/client_description.h"
#include "model/connections/connection_description.h"
#include "model/resource_servers/management_scopes.h"
#include "model/resource_servers/resource_server_description.h"
#include "model/tenants/tenant_description.h"

namespace gatehouse::model {
namespace {

std::string audience_of(std::string_view issuer) { return std::string(issuer) + "api/v2/"; }

StoredObject make_client(const json::object& body, std::string_view secret, const crypto::Sealer& sealer, crypto::Random& random) {
  StoredObject client;
  client.id = random.alphanumeric(32);
  client.properties = client_description().created(body);
  fill_client_defaults(client.properties);
  client.properties["client_secret"] = sealer.seal(secret, ClientStore::secret_context(ClientId(client.id)));
  return client;
}

StoredObject make_management_api(const std::string& audience, crypto::Random& random) {
  StoredObject api;
  api.id = random.hex(24);
  json::object body;
  body["name"] = "Auth0 Management API";
  body["identifier"] = audience;
  json::array& scopes = body["scopes"].emplace_array();
  for (const ResourceServer::Scope& scope : management_scopes()) scopes.push_back({{"value", scope.value}, {"description", scope.description}});
  api.properties = resource_server_description().created(body);
  api.properties["is_system"] = true;
  // Without it every user of every application could ask for every scope: a user gets those assigned to him, nothing more.
  api.properties["enforce_policies"] = true;
  api.properties["token_dialect"] = "access_token";
  return api;
}

constexpr std::string_view follow_the_audience[] = {
  "UPDATE role_permissions SET resource_server_identifier = $3 WHERE tenant = $1 AND resource_server_identifier = $2",
  "UPDATE user_permissions SET resource_server_identifier = $3 WHERE tenant = $1 AND resource_server_identifier = $2",
  "UPDATE consents SET audience = $3 WHERE tenant = $1 AND audience = $2",
  "UPDATE refresh_tokens SET audience = $3 WHERE tenant = $1 AND audience = $2"};

}  // namespace

FirstObjects make_first_objects(const TenantId& tenant, const std::string& issuer, const std::string& host, const crypto::Sealer& sealer,
                                crypto::Random& random, Timestamp) {
  FirstObjects first;
  first.tenant.id = tenant;
  first.tenant.issuer = issuer;
  first.tenant.host = host;
  first.tenant.settings = default_tenant_settings(first.tenant.is_local());
  first.tenant.prompts = default_prompts();
  const std::string audience = audience_of(issuer);
  first.management_api = make_management_api(audience, random);

  json::object global;
  global["name"] = "All Applications";
  global["oidc_conformant"] = true;
  global["sso"] = false;
  global["callbacks"] = json::array{};
  global["jwt_configuration"] = {{"alg", "RS256"}};
  global["grant_types"] = json::array{};
  first.global_client = make_client(global, random.base64url(48), sealer, random);
  first.global_client.properties["global"] = true;

  first.management_client_secret = SecretString(random.base64url(48));
  json::object machine;
  machine["name"] = "Gatehouse Management";
  machine["app_type"] = "non_interactive";
  machine["token_endpoint_auth_method"] = "client_secret_post";
  machine["grant_types"] = {"client_credentials"};
  machine["oidc_conformant"] = true;
  machine["jwt_configuration"] = {{"alg", "RS256"}, {"lifetime_in_seconds", 36'000}};
  first.management_client = make_client(machine, first.management_client_secret.reveal(), sealer, random);
  first.management_client_id = first.management_client.id;

  first.management_grant.id = "cgr_" + random.alphanumeric(16);
  json::object& grant = first.management_grant.properties;
  grant["client_id"] = first.management_client_id;
  grant["audience"] = audience;
  json::array& granted = grant["scope"].emplace_array();
  for (const ResourceServer::Scope& scope : management_scopes()) granted.emplace_back(scope.value);
  grant["subject_type"] = "client";

  json::object database;
  database["name"] = "Username-Password-Authentication";
  database["strategy"] = "auth0";
  first.connection.id = "con_" + random.alphanumeric(16);
  first.connection.properties = connection_description().created(database);
  fill_connection_defaults(first.connection.properties, host);
  return first;
}

Result<void> FirstStores::insert(storage::Transaction& tx, const FirstObjects& objects, Timestamp now) const {
  const TenantId& tenant = objects.tenant.id;
  const auto put = [&](const ObjectStore& store, StoredObject object) { return store.insert(tx, tenant, object, now); };
  TRY_VOID(tenants.insert(tx, objects.tenant, now));
  TRY_VOID(put(resource_servers.objects(), objects.management_api));
  TRY_VOID(put(clients.objects(), objects.global_client));
  TRY_VOID(put(clients.objects(), objects.management_client));
  TRY_VOID(put(client_grants.objects(), objects.management_grant));
  return put(connections.objects(), objects.connection);
}

Result<void> FirstStores::grant_everything(storage::Transaction& tx, const Tenant& tenant, const UserId& user) const {
  std::vector<PermissionRef> permissions;
  for (const ResourceServer::Scope& scope : management_scopes()) permissions.push_back({audience_of(tenant.issuer), scope.value});
  return roles.add_direct_permissions(tx, tenant.id, user, permissions);
}

Result<void> FirstStores::move(storage::Transaction& tx, const Tenant& from, const std::string& issuer, const std::string& host, Timestamp now) const {
  const std::string before = audience_of(from.issuer), after = audience_of(issuer);
  TRY_VOID(tenants.move(tx, from.id, issuer, host));
  TRY(std::optional<StoredObject> api, resource_servers.objects().find_by(tx, from.id, "identifier", before));
  if (api) {
    api->properties["identifier"] = after;
    TRY_VOID(resource_servers.objects().replace(tx, from.id, *api, now));
  }
  ObjectQuery of_api;
  of_api.limit = INT64_MAX;
  of_api.where = {{"audience", before}};
  TRY(std::vector<StoredObject> grants, client_grants.objects().list(tx, from.id, of_api));
  for (StoredObject& grant : grants) {
    grant.properties["audience"] = after;
    TRY_VOID(client_grants.objects().replace(tx, from.id, grant, now));
  }
  for (const std::string_view sql : follow_the_audience) TRY_VOID(tx.execute(sql, from.id, before, after));
  return {};
}

}  // namespace gatehouse::model
