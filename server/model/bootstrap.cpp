#include "model/bootstrap.h"

#include "model/client_grants/client_grant_description.h"
#include "model/resource_servers/management_scopes.h"
#include "model/resource_servers/resource_server_description.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kDatabaseConnection = "Username-Password-Authentication";

/// An application as POST /api/v2/clients would make it, with what its description leaves to the server.
json::object client(std::string_view name, const json::object& more) {
  json::object out{{"name", name},
                   {"is_first_party", true},
                   {"oidc_conformant", true},
                   {"sso_disabled", false},
                   {"cross_origin_auth", false},
                   {"cross_origin_authentication", false},
                   {"custom_login_page_on", true},
                   {"is_token_endpoint_ip_header_trusted", false},
                   {"jwt_configuration", {{"alg", "RS256"}, {"lifetime_in_seconds", 36000}, {"secret_encoded", false}}},
                   {"refresh_token",
                    {{"rotation_type", "non-rotating"},
                     {"expiration_type", "non-expiring"},
                     {"leeway", 0},
                     {"token_lifetime", 2'592'000},
                     {"idle_token_lifetime", 1'296'000},
                     {"infinite_token_lifetime", true},
                     {"infinite_idle_token_lifetime", true}}}};
  for (const auto& [key, value] : more) out[key] = value;
  return out;
}

json::object connection_options() {
  return {{"mfa", {{"active", true}, {"return_enroll_settings", true}}},
          {"passwordPolicy", "good"},
          {"passkey_options", {{"challenge_ui", "both"}, {"local_enrollment_enabled", true}, {"progressive_enrollment_enabled", true}}},
          {"strategy_version", 2},
          {"authentication_methods",
           {{"passkey", {{"enabled", false}}}, {"password", {{"enabled", true}, {"api_behavior", "required"}, {"signup_behavior", "allow"}}}}},
          {"brute_force_protection", true}};
}

constexpr std::string_view kMoved[] = {
    "UPDATE role_permissions SET resource_server_identifier = $3 WHERE tenant = $1 AND resource_server_identifier = $2",
    "UPDATE user_permissions SET resource_server_identifier = $3 WHERE tenant = $1 AND resource_server_identifier = $2",
    "UPDATE consents SET audience = $3 WHERE tenant = $1 AND audience = $2",
    "UPDATE refresh_tokens SET audience = $3 WHERE tenant = $1 AND audience = $2"};

}  // namespace

FirstObjects make_first_objects(const TenantId& id, const std::string& issuer, const std::string& host, const crypto::Sealer& sealer,
                                crypto::Random& random, Timestamp) {
  FirstObjects first;
  first.tenant.id = id;
  first.tenant.issuer = issuer;
  first.tenant.host = host;
  const std::string audience = issuer + "api/v2/";

  json::array scopes, scope_values;
  for (const ResourceServer::Scope& scope : management_scopes()) {
    scopes.push_back({{"value", scope.value}, {"description", scope.description}});
    scope_values.emplace_back(scope.value);
  }
  first.management_api.id = random.hex(24);
  first.management_api.properties = resource_server_description().created({{"name", "Auth0 Management API"},
                                                                           {"identifier", audience},
                                                                           {"is_system", true},
                                                                           {"scopes", std::move(scopes)},
                                                                           {"allow_offline_access", false},
                                                                           {"skip_consent_for_verifiable_first_party_clients", false},
                                                                           {"token_lifetime", 86'400},
                                                                           {"token_lifetime_for_web", 7'200},
                                                                           {"enforce_policies", true},
                                                                           {"token_dialect", "access_token_authz"},
                                                                           {"signing_alg", "RS256"}});

  first.global_client.id = random.alphanumeric(32);
  first.global_client.properties = client("All Applications", {{"global", true}, {"callbacks", json::array{}}, {"grant_types", {"authorization_code", "implicit", "refresh_token", "client_credentials"}}});
  const std::string global_secret = random.base64url(48);
  first.global_client.properties["client_secret"] = sealer.seal(global_secret, ClientStore::secret_context(ClientId(first.global_client.id)));

  first.management_client_id = random.alphanumeric(32);
  first.management_client_secret = SecretString(random.base64url(48));
  first.management_client.id = first.management_client_id;
  first.management_client.properties = client("Gatehouse Management", {{"global", false},
                                                                      {"app_type", "non_interactive"},
                                                                      {"callbacks", json::array{}},
                                                                      {"grant_types", {"client_credentials"}},
                                                                      {"token_endpoint_auth_method", "client_secret_post"}});
  first.management_client.properties["client_secret"] =
      sealer.seal(first.management_client_secret.reveal(), ClientStore::secret_context(ClientId(first.management_client_id)));

  first.management_grant.id = "cgr_" + random.alphanumeric(16);
  first.management_grant.properties = {{"client_id", first.management_client_id}, {"audience", audience}, {"scope", std::move(scope_values)}, {"subject_type", "client"}};

  first.connection.id = "con_" + random.alphanumeric(16);
  first.connection.properties = {{"name", kDatabaseConnection},
                                 {"strategy", "auth0"},
                                 {"is_domain_connection", false},
                                 {"authentication", {{"active", true}}},
                                 {"connected_accounts", {{"active", false}}},
                                 {"enabled_clients", json::array{}},
                                 {"realms", {kDatabaseConnection}},
                                 {"options", connection_options()}};

  // "sub" of a tenant is decided by these: new tenants behave as Auth0's do today
  first.tenant.settings = {{"friendly_name", "Gatehouse"},
                           {"enabled_locales", {"en"}},
                           {"default_directory", kDatabaseConnection},
                           {"session_lifetime", 168},
                           {"idle_session_lifetime", 72},
                           {"session_cookie", {{"mode", "persistent"}}},
                           {"flags", json::object{}}};
  const bool local = first.tenant.is_local();
  // on localhost no callback is verifiable: without this, silent login and single sign-on would ask every time
  first.tenant.settings["skip_non_verifiable_callback_uri_confirmation_prompt"] = local;
  return first;
}

Result<void> FirstStores::insert(storage::Transaction& tx, const FirstObjects& first, Timestamp now) const {
  const TenantId& id = first.tenant.id;
  TRY_VOID(tenants.insert(tx, first.tenant, now));
  const auto put = [&](const ObjectStore& store, StoredObject object) { return store.insert(tx, id, object, now); };
  TRY_VOID(put(resource_servers.objects(), first.management_api));
  TRY_VOID(put(clients.objects(), first.global_client));
  TRY_VOID(put(clients.objects(), first.management_client));
  TRY_VOID(put(client_grants.objects(), first.management_grant));
  TRY_VOID(put(connections.objects(), first.connection));
  return {};
}

Result<void> FirstStores::grant_everything(storage::Transaction& tx, const Tenant& tenant, const UserId& user) const {
  std::vector<PermissionRef> permissions;
  for (const ResourceServer::Scope& scope : management_scopes()) permissions.push_back({tenant.issuer + "api/v2/", scope.value});
  return roles.add_direct_permissions(tx, tenant.id, user, permissions);
}

Result<void> FirstStores::move(storage::Transaction& tx, const Tenant& from, const std::string& issuer, const std::string& host, Timestamp now) const {
  const std::string before = from.issuer + "api/v2/", after = issuer + "api/v2/";
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
  for (const std::string_view sql : kMoved) TRY_VOID(tx.execute(sql, from.id, before, after));
  return {};
}

}  // namespace gatehouse::model
