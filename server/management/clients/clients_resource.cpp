#include "management/clients/clients_resource.h"

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "jose/jwk.h"
#include "model/clients/client_description.h"
#include "model/resource_servers/resource_server_description.h"

namespace gatehouse::management {

using model::StoredObject;
using model::Verb;

namespace {

/// What `read:client_summary` alone shows.
const std::set<std::string_view> summary{"tenant", "client_id", "name", "description", "app_type", "logo_uri", "is_first_party", "global"};

std::string_view scope_to_change(std::string_view property) {
  return property == "client_secret" || property == "encryption_key" ? "update:client_keys" : "update:clients";
}

/// Whether a caller's scopes are enough for a property; some need more than update:clients, others less.
bool may_change(const Caller& caller, std::string_view property) {
  if (scope_to_change(property) != "update:clients") return caller.has(scope_to_change(property));
  if (caller.has("update:clients")) return true;
  if (property == "client_authentication_methods" || property == "token_endpoint_auth_method" || property == "signed_request_object")
    return caller.has("update:client_credentials");
  return property == "token_vault_privileged_access" && caller.has("update:client_token_vault_privileged_access");
}

bool is_set(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && !value->is_null();
}

/// Connections that let the client in.
std::function<bool(const json::object&)> enables(std::string client) {
  return [client = std::move(client)](const json::object& connection) {
    const std::vector<std::string> clients = get_strings(connection, "enabled_clients");
    return std::find(clients.begin(), clients.end(), client) != clients.end();
  };
}

/// Keeps digests of the last secrets, so that the log can say that an application still uses an old one.
void remember_rotated_secret(StoredObject& client, const crypto::Sealer& sealer) {
  constexpr size_t kept = 3;
  const Result<SecretString> old =
      sealer.open(get_string(client.properties, "client_secret").value_or(""), model::ClientStore::secret_context(ClientId(client.id)));
  if (!old || old->empty()) return;
  std::vector<std::string> digests = get_strings(client.properties, model::ClientStore::rotated_secrets_property);
  digests.push_back(hex_encode(crypto::sha256(old->reveal())));
  if (digests.size() > kept) digests.erase(digests.begin(), digests.end() - kept);
  client.properties[model::ClientStore::rotated_secrets_property] = json::array(digests.begin(), digests.end());
}

}  // namespace

ClientsResource::ClientsResource(Api& api, Stores stores)
    : Resource(api, model::client_description(), stores.clients.objects()), stores_(stores) {}

void ClientsResource::mount() {
  Resource::mount();
  api_.post("/clients/{id}/rotate-secret", {"update:client_keys"}, "Rotate a client secret",
            [this](const Call& call) { return rotate_secret(call); });
  api_.get("/clients/{id}/connections", {"read:connections", "read:clients", "read:client_summary"}, "Get a client's connections",
           [this](const Call& call) { return list_connections(call); });
  api_.get("/clients/{id}/credentials", {"read:client_credentials"}, "Get a client's credentials",
           [this](const Call& call) { return list_credentials(call); });
  api_.post("/clients/{id}/credentials", {"create:client_credentials"}, "Create a client credential",
            [this](const Call& call) { return create_credential(call); });
  api_.get("/clients/{id}/credentials/{credential_id}", {"read:client_credentials"}, "Get a client credential",
           [this](const Call& call) { return get_credential(call); });
  api_.patch("/clients/{id}/credentials/{credential_id}", {"update:client_credentials"}, "Update a client credential",
             [this](const Call& call) { return update_credential(call); });
  api_.remove("/clients/{id}/credentials/{credential_id}", {"delete:client_credentials"}, "Delete a client credential",
              [this](const Call& call) { return remove_credential(call); });
}

/// Recorded: one client read with `fields` has its signing keys too, those of a list have not.
std::vector<std::string> ClientsResource::always_shown(Verb verb) const {
  if (verb == Verb::read) return {"tenant", "signing_keys"};
  return {"tenant"};
}

std::string ClientsResource::new_id() const { return parts().random.alphanumeric(32); }

/// `signing_keys` come from the key ring, which reads the database when its snapshot is old.
ApiResult<void> ClientsResource::preparing(const Call& call) const {
  TRY_VOID(stores_.keys.current(call.tenant()));
  return {};
}

std::string ClientsResource::fresh_secret() const { return parts().random.base64url(48); }

json::object ClientsResource::show(const Call& call, const StoredObject& object, Verb verb) const {
  json::object shown = Resource::show(call, object, verb);
  const bool global = get_bool(object.properties, "global").value_or(false);
  shown["tenant"] = call.tenant().str();
  shown["global"] = global;
  shown["callback_url_template"] = false;
  shown["cross_origin_auth"] = get_bool(object.properties, "cross_origin_authentication").value_or(false);
  if (verb == Verb::create) shown["encrypted"] = true;
  if (global) shown["owners"] = json::array{};  // Auth0's administrators of the account, which has none here
  if (object.properties.contains("client_authentication_methods")) shown.erase("client_secret");
  if (!call.caller().has("read:client_keys")) {
    shown.erase("encryption_key");
  } else if (const auto key = stores_.keys.current(call.tenant()); key) {
    json::object signing_key;
    signing_key["cert"] = jose::certificate_pem((*key)->certificate);
    signing_key["pkcs7"] = jose::certificate_pkcs7_pem((*key)->certificate);
    signing_key["subject"] = "deprecated";
    shown["signing_keys"] = json::array{std::move(signing_key)};
  }
  const Caller& caller = call.caller();
  const bool everything =
      verb == Verb::create || verb == Verb::update || caller.has_any({"read:clients", "read:client_keys", "read:client_credentials"});
  if (everything) return shown;
  json::object brief;
  for (const auto& member : shown)
    if (summary.contains(std::string_view(member.key()))) brief.emplace(member.key(), member.value());
  return brief;
}

ApiResult<void> ClientsResource::checking(const Call& call, const json::object& body, model::Body kind) const {
  if (kind == model::Body::update)
    for (const auto& member : body)
      if (!may_change(call.caller(), member.key()))
        return ApiError(ApiErrc::insufficient_scope, "Insufficient scope, expected any of: " + std::string(scope_to_change(member.key())));
  if (is_set(body, "client_authentication_methods") && is_set(body, "token_endpoint_auth_method"))
    return ApiError(ApiErrc::invalid_body, "Cannot set both client_authentication_methods and token_endpoint_auth_method");
  // The keys of an algorithm that nobody used so far are made here, so that no token waits for them.
  const json::object* jwt = get_object(body, "jwt_configuration");
  const std::optional<jose::Algorithm> algorithm = jose::parse_algorithm(jwt ? get_string(*jwt, "alg").value_or("") : "");
  if (algorithm && !jose::is_symmetric(*algorithm)) TRY_VOID(stores_.keys.ensure(call.tenant(), *algorithm));
  return {};
}

ApiResult<void> ClientsResource::creating(storage::Transaction& tx, const Call& call, StoredObject& object) const {
  model::fill_client_defaults(object.properties);
  TRY_VOID(link_api(tx, call, object, object.id));
  if (!object.properties.contains("client_secret")) object.properties["client_secret"] = fresh_secret();
  return register_credentials(call, object);
}

ApiResult<void> ClientsResource::updating(storage::Transaction&, const Call& call, const StoredObject&, const json::object& change,
                                          StoredObject& object) const {
  // The two ways of saying how a client authenticates exclude each other; the newer word wins.
  if (is_set(change, "client_authentication_methods")) object.properties.erase("token_endpoint_auth_method");
  if (is_set(change, "token_endpoint_auth_method")) object.properties.erase("client_authentication_methods");
  if (change.contains("refresh_token")) model::fill_client_defaults(object.properties);
  if (!object.properties.contains("client_secret")) object.properties["client_secret"] = fresh_secret();
  return register_credentials(call, object);
}

/// An API knows the application that stands for it. `client_id`: empty when that application goes.
ApiResult<void> ClientsResource::link_api(storage::Transaction& tx, const Call& call, const StoredObject& client,
                                          std::string_view client_id) const {
  const auto identifier = get_string(client.properties, "resource_server_identifier");
  if (!identifier) return {};
  TRY(std::optional<StoredObject> api, stores_.apis.objects().find_by(tx, call.tenant(), "identifier", *identifier));
  if (!api && client_id.empty()) return {};
  if (!api) return management::missing(model::resource_server_description());
  if (client_id.empty())
    api->properties.erase("client_id");
  else
    api->properties["client_id"] = client_id;
  TRY_VOID(stores_.apis.objects().replace(tx, call.tenant(), *api, call.now()));
  return {};
}

/// With a client go its grants, its place at connections, and its users' refresh tokens.
ApiResult<void> ClientsResource::removing(storage::Transaction& tx, const Call& call, const StoredObject& object) const {
  if (get_bool(object.properties, "global").value_or(false)) return ApiError(ApiErrc::invalid_body, "The global client cannot be deleted");
  model::ObjectQuery query;
  query.limit = model::ObjectQuery::all;
  query.where.emplace_back("client_id", object.id);
  TRY(const std::vector<StoredObject> grants, stores_.grants.objects().list(tx, call.tenant(), query));
  for (const StoredObject& grant : grants) TRY_VOID(stores_.grants.objects().remove(tx, call.tenant(), grant.id));

  model::ObjectQuery enabled;
  enabled.limit = model::ObjectQuery::all;
  enabled.keeps = enables(object.id);
  TRY(std::vector<StoredObject> connections, stores_.connections.objects().list(tx, call.tenant(), enabled));
  for (StoredObject& connection : connections) {
    json::array kept;
    for (const std::string& client : get_strings(connection.properties, "enabled_clients"))
      if (client != object.id) kept.emplace_back(client);
    connection.properties["enabled_clients"] = std::move(kept);
    TRY_VOID(stores_.connections.objects().replace(tx, call.tenant(), connection, call.now()));
  }
  TRY_VOID(link_api(tx, call, object, ""));
  TRY_VOID(stores_.refresh_tokens.remove_of_client(tx, call.tenant(), ClientId(object.id)));
  return {};
}

ApiResult<void> ClientsResource::filter(const Call& call, model::ObjectQuery& query) const {
  TRY(const std::optional<bool> global, query_boolean(call.query(), "is_global"));
  TRY(const std::optional<bool> first_party, query_boolean(call.query(), "is_first_party"));
  std::set<std::string, std::less<>> app_types;
  for (const std::string_view type : split(call.query().get("app_type").value_or(""), ',')) app_types.emplace(type);
  const std::string external(call.query().get("external_client_id").value_or(""));
  if (global || first_party || !app_types.empty() || !external.empty())
    query.keeps = [global, first_party, app_types, external](const json::object& client) {
      if (global && get_bool(client, "global").value_or(false) != *global) return false;
      if (first_party && get_bool(client, "is_first_party").value_or(true) != *first_party) return false;
      if (!app_types.empty() && !app_types.contains(get_string(client, "app_type").value_or(""))) return false;
      return external.empty() || get_string(client, "external_client_id") == external;
    };
  return {};
}

/// A new secret; the old one is worth nothing from now on. Errors: inexistent_client.
ApiResult<http::Response> ClientsResource::rotate_secret(const Call& call) const {
  TRY_VOID(preparing(call));
  const SecretString secret(fresh_secret());
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(StoredObject client, get_client(tx, call));
    remember_rotated_secret(client, parts().sealer);
    client.properties["client_secret"] = parts().sealer.seal(secret.reveal(), secret_context("client_secret", client.id));
    TRY_VOID(objects().replace(tx, call.tenant(), client, call.now()));
    json::object shown = show(call, client, Verb::update);
    shown["client_secret"] = secret.reveal();  // whoever may rotate it is told the new one
    return http::Response::json(200, shown);
  });
}

/// The connections enabled for a client. Errors: inexistent_client.
ApiResult<http::Response> ClientsResource::list_connections(const Call& call) const {
  TRY(ListQuery query, call.list_query());
  query.by_checkpoint = true;
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const StoredObject client, get_client(reader, call));
    model::ObjectQuery wanted;
    wanted.limit = query.take + 1;
    wanted.after_position = query.after_position;
    wanted.keeps = enables(client.id);
    TRY(const std::vector<StoredObject> found, stores_.connections.objects().list(reader, call.tenant(), wanted));
    Page page;
    for (const StoredObject& connection : found) {
      if (static_cast<int64_t>(page.items.size()) == query.take) break;
      json::object shown;
      shown["id"] = connection.id;
      for (const std::string_view name : {"name", "strategy", "display_name", "is_domain_connection"})
        if (const json::value* value = connection.properties.if_contains(name)) shown[name] = *value;
      page.items.push_back(std::move(shown));
    }
    if (found.size() > page.items.size() && !page.items.empty()) page.next = found[page.items.size() - 1].position;
    return page_response(query, "connections", std::move(page));
  });
}

}  // namespace gatehouse::management
