#include "management/connections/connections_resource.h"

#include "config/settings.h"
#include "jose/certificates.h"
#include "model/connections/connection_description.h"
#include "model/connections/strategy_options.h"
#include "model/users/user.h"

namespace gatehouse::management {

using model::StoredObject;
using model::Verb;

namespace {

ApiError rule(std::string sentence) { return ApiError(ApiErrc::invalid_body, std::move(sentence)); }

const json::object* member_object(const json::object* object, std::string_view name) {
  return object ? get_object(*object, name) : nullptr;
}

/// What the schema cannot say about the identifiers of a database connection. `before`: its options so far, or null at creation.
ApiResult<void> check_database_options(const json::object& options, const json::object* before) {
  if (const auto complaint = model::database_options().complaint(options, model::Body::create, "options")) return payload_error(*complaint);
  const json::object* attributes = get_object(options, "attributes");
  if (!attributes) return {};
  if (get_object(options, "validation")) return rule("Cannot set both options.attributes and options.validation");
  if (get_bool(options, "requires_username").value_or(false))
    return rule("Cannot set both options.attributes and options.requires_username");
  for (const std::string_view name : {"email", "phone_number", "username"}) {
    const json::object* attribute = get_object(*attributes, name);
    const json::object* signup = member_object(attribute, "signup");
    if (attribute && signup && get_bool(*attribute, "profile_required").value_or(false) && get_string(*signup, "status") != "required")
      return rule("attribute " + std::string(name) + " must also be required on signup");
  }
  const json::object* email = get_object(*attributes, "email");
  const bool non_unique = email && get_bool(*email, "unique") == false;
  if (before && non_unique) {
    const json::object* email_before = member_object(get_object(*before, "attributes"), "email");
    if (!email_before || get_bool(*email_before, "unique").value_or(true)) return rule("cannot add non-unique email attribute");
  }
  return {};
}

/// The rules for options of every strategy, as far as the schema goes. Errors: invalid_body.
ApiResult<void> check_strategy_options(std::string_view strategy, const json::object& options) {
  if (strategy == "auth0") return {};
  if (const auto complaint = model::strategy_options(strategy).complaint(options, model::Body::create, "options")) return payload_error(*complaint);
  return {};
}

/// Calls `visit` for each secret text in options, at every depth, with its place.
template <class Visit>
void each_secret_option(json::object& options, const std::string& above, const Visit& visit) {
  for (auto& member : options) {
    const std::string path = above.empty() ? std::string(member.key()) : above + "." + std::string(member.key());
    if (member.value().is_object()) {
      each_secret_option(member.value().get_object(), path, visit);
    } else if (member.value().is_string() && !member.value().get_string().empty() && model::is_secret_option(path)) {
      visit(path, member.value().get_string());
    }
  }
}

/// What a provider's certificate says about itself stands beside it, as recorded. Text that is no certificate is kept as it is: strategies
/// that use it will say so.
void add_certificate_facts(std::string_view strategy, json::object& options) {
  if (strategy != "samlp" && strategy != "pingfederate" && strategy != "adfs") return;
  const auto pem = get_string(options, "signingCert");
  if (!pem) return;
  const auto facts = jose::read_certificate(*pem);
  if (!facts) return;
  options["cert"] = std::string(*pem);
  options["expires"] = to_iso8601(facts->expires_at);
  options["thumbprints"] = json::array{json::string(facts->thumbprint_sha1)};
  json::object& subject = options["subject"].emplace_object();
  for (const auto& [name, value] : facts->names) subject[name] = value;
}

}  // namespace

ConnectionsResource::ConnectionsResource(Api& api, const model::ConnectionStore& connections, const model::ClientStore& clients,
                                         const model::UserStore& users, jobs::JobQueue& jobs)
    : Resource(api, model::connection_description(), connections.objects()),
      clients_(clients),
      users_(users),
      connection_users_({api.parts().db, jobs, users, connections}) {}

void ConnectionsResource::mount() {
  api_.get("/connections", {"read:connections"}, "List connections", [this](const Call& call) { return list(call); });
  api_.post("/connections", {"create:connections"}, "Create a connection", [this](const Call& call) { return create(call); });
  api_.get("/connections/{id}", {"read:connections"}, "Get a connection", [this](const Call& call) { return get(call); });
  api_.patch("/connections/{id}", {"update:connections"}, "Update a connection", [this](const Call& call) { return update(call); });
  api_.remove("/connections/{id}", {"delete:connections"}, "Delete a connection",
              [this](const Call& call) { return remove_connection(call); });
  api_.get("/connections/{id}/status", {"read:connections"}, "Check a connection's status",
           [this](const Call& call) { return status(call); });
  api_.get("/connections/{id}/clients", {"read:connections"}, "Get a connection's clients",
           [this](const Call& call) { return list_clients(call); });
  api_.patch("/connections/{id}/clients", {"update:connections"}, "Update a connection's clients",
             [this](const Call& call) { return change_clients(call); });
  api_.remove("/connections/{id}/users", {"delete:users"}, "Delete a connection's user",
              [this](const Call& call) { return remove_user_by_email(call); });
}

std::string ConnectionsResource::new_id() const { return "con_" + parts().random.alphanumeric(16); }

ApiResult<void> ConnectionsResource::checking(const Call&, const json::object& body, model::Body kind) const {
  const std::string_view strategy = get_string(body, "strategy").value_or("");
  if (const json::object* options = get_object(body, "options"); options && kind == model::Body::create)
    TRY_VOID(check_strategy_options(strategy, *options));
  if (kind == model::Body::create && strategy == "auth0") {
    if (const json::object* options = get_object(body, "options")) TRY_VOID(check_database_options(*options, nullptr));
    if (const json::object* access = get_object(body, "cross_app_access_requesting_app");
        access && get_bool(*access, "active").value_or(false))
      return ApiError(ApiErrc::operation_not_supported, "Cross App Access Requesting App is not supported for this connection.");
  }
  return {};
}

ApiResult<void> ConnectionsResource::check_clients(storage::Transaction& tx, const Call& call, const StoredObject& connection) const {
  for (const std::string& id : get_strings(connection.properties, "enabled_clients")) {
    TRY(const std::optional<StoredObject> client, clients_.objects().find(tx, call.tenant(), id));
    if (!client) return rule("The client " + id + " does not exist");
  }
  return {};
}

ApiResult<void> ConnectionsResource::creating(storage::Transaction& tx, const Call& call, StoredObject& object) const {
  const std::string strategy(get_string(object.properties, "strategy").value_or(""));
  model::fill_connection_defaults(object.properties, config::issuer_host(call.request().issuer));
  if (model::has_provisioning_ticket(strategy))
    object.properties["provisioning_ticket_url"] = call.request().issuer + "p/" + strategy + "/" + parts().random.alphanumeric(8);
  add_certificate_facts(strategy, object.properties["options"].as_object());
  TRY_VOID(check_clients(tx, call, object));
  TRY(const bool free, connection_users_.name_is_free(tx, call.tenant(), get_string(object.properties, "name").value_or("")));
  if (!free)
    return ApiError(ApiErrc::conflict, "The users of a deleted connection with this name are still being removed. Try again in a moment.",
                    "connection_users_removal");
  seal_options(object);
  return {};
}

ApiResult<void> ConnectionsResource::updating(storage::Transaction& tx, const Call& call, const StoredObject& before,
                                              const json::object& change, StoredObject& object) const {
  const std::string strategy(get_string(before.properties, "strategy").value_or(""));
  const json::object* changed = get_object(change, "options");
  const json::object* stored = get_object(before.properties, "options");
  const json::object options_before = stored ? *stored : json::object{};
  if (changed) TRY_VOID(check_strategy_options(strategy, *changed));
  if (changed && strategy == "auth0") TRY_VOID(check_database_options(*changed, &options_before));
  json::value& options = object.properties["options"];
  if (!options.is_object()) options = json::object{};
  if (changed) model::fill_changed_options(strategy, options.get_object(), options_before, config::issuer_host(call.request().issuer));
  add_certificate_facts(strategy, options.get_object());
  if (change.contains("enabled_clients")) TRY_VOID(check_clients(tx, call, object));
  if (!object.properties.contains("enabled_clients")) object.properties["enabled_clients"] = json::array{};
  seal_options(object);
  return {};
}

ApiResult<void> ConnectionsResource::removing(storage::Transaction& tx, const Call& call, const StoredObject& object) const {
  // As on Auth0: the users of a connection go with it.
  TRY_VOID(connection_users_.remove(tx, call.tenant(), get_string(object.properties, "name").value_or(""), call.now()));
  return {};
}

ApiResult<void> ConnectionsResource::filter(const Call& call, model::ObjectQuery& query) const {
  if (const auto name = call.query().get("name"); name && !name->empty()) query.where.emplace_back("name", *name);
  for (const std::string_view parameter : {"strategy", "strategy[]"})
    for (const std::string_view strategy : call.query().all(parameter))
      if (!strategy.empty()) {
        query.any_of.first = "strategy";
        query.any_of.second.emplace_back(strategy);
      }
  if (query.any_of.second.size() > 100)
    return ApiError(ApiErrc::invalid_query_string, "Query validation error: 'Array is too long' on property strategy.");
  return {};
}

json::object ConnectionsResource::show(const Call& call, const StoredObject& object, Verb verb) const {
  json::object shown = Resource::show(call, object, verb);
  if (json::value* options = shown.if_contains("options"); options && options->is_object()) open_options(options->get_object(), object.id);
  return shown;
}

/// Secrets of providers are sealed at rest wherever they stand in `options`.
void ConnectionsResource::seal_options(StoredObject& connection) const {
  json::value* options = connection.properties.if_contains("options");
  if (!options || !options->is_object()) return;
  each_secret_option(options->get_object(), {}, [&](const std::string& path, json::string& value) {
    const std::string context = secret_context("options." + path, connection.id);
    if (!parts().sealer.open(value, context)) value = parts().sealer.seal(value, context);
  });
}

void ConnectionsResource::open_options(json::object& options, std::string_view id) const {
  each_secret_option(options, {}, [&](const std::string& path, json::string& value) {
    const Result<SecretString> secret = parts().sealer.open(value, secret_context("options." + path, id));
    if (secret) value = secret->reveal();
  });
}

/// 202: nobody signs in through it any more; its users follow, many of them a little later. Errors: none for an unknown one.
ApiResult<http::Response> ConnectionsResource::remove_connection(const Call& call) const {
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const std::optional<StoredObject> connection, find(tx, call, call.parameter()));
    if (!connection) return http::Response::empty(204);
    TRY_VOID(removing(tx, call, *connection));
    TRY_VOID(objects().remove(tx, call.tenant(), connection->id));
    json::object body;
    body["deleted_at"] = to_iso8601(call.now());
    return http::Response::json(202, body);
  });
}

/// A database is always there.
ApiResult<http::Response> ConnectionsResource::status(const Call& call) const {
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const StoredObject connection, get_existing(reader, call));
    return http::Response::empty(200);
  });
}

/// Enabled clients, in the order they were enabled. Errors: inexistent_connection.
ApiResult<http::Response> ConnectionsResource::list_clients(const Call& call) const {
  TRY(ListQuery query, call.list_query(50, 1000));
  query.by_checkpoint = true;
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const StoredObject connection, get_existing(reader, call));
    const std::vector<std::string> clients = get_strings(connection.properties, "enabled_clients");
    Page page;
    size_t at = static_cast<size_t>(query.after_position);
    for (; at < clients.size() && static_cast<int64_t>(page.items.size()) < query.take; ++at) {
      json::object client;
      client["client_id"] = clients[at];
      page.items.push_back(std::move(client));
    }
    if (at < clients.size()) page.next = static_cast<int64_t>(at);
    return page_response(query, "clients", std::move(page));
  });
}

/// Enables and disables clients. Errors: inexistent_connection, invalid_body.
ApiResult<http::Response> ConnectionsResource::change_clients(const Call& call) const {
  if (const auto complaint = model::connection_clients_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(StoredObject connection, get_existing(tx, call));
    std::vector<std::string> clients = get_strings(connection.properties, "enabled_clients");
    for (const json::value& entry : call.body().get_array()) {
      const std::string id(get_string(entry.get_object(), "client_id").value_or(""));
      std::erase(clients, id);
      if (!get_bool(entry.get_object(), "status").value_or(false)) continue;
      TRY(const std::optional<StoredObject> client, clients_.objects().find(tx, call.tenant(), id));
      if (!client) return rule("The client " + id + " does not exist");
      clients.push_back(id);
    }
    json::array& stored = connection.properties["enabled_clients"].emplace_array();
    for (const std::string& id : clients) stored.emplace_back(id);
    TRY_VOID(objects().replace(tx, call.tenant(), connection, call.now()));
    return http::Response::empty(204);
  });
}

/// Removes a database connection's user by e-mail address. Errors: inexistent_connection, invalid_query_string.
ApiResult<http::Response> ConnectionsResource::remove_user_by_email(const Call& call) const {
  const std::optional<std::string> email = model::normalize_email(call.query().get("email").value_or(""));
  if (!email) return ApiError(ApiErrc::invalid_query_string, "Query validation error: 'Missing required property: email'.");
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const StoredObject connection, get_existing(tx, call));
    const std::string name(get_string(connection.properties, "name").value_or(""));
    TRY(const std::optional<model::User> user, users_.find_by_identifier(tx, call.tenant(), name, model::IdentifierKind::email, *email));
    if (user) TRY_VOID(users_.remove(tx, call.tenant(), user->id));
    return http::Response::empty(204);
  });
}

}  // namespace gatehouse::management
