#include "management/users/users_resource.h"

#include "connections/database/identifiers.h"
#include "management/resource.h"
#include "management/users/user_body.h"
#include "model/login_failures/login_failure_store.h"
#include "model/users/user_description.h"

namespace gatehouse::management {
namespace {

ApiError conflict_or(Error error) {
  if (error.code != Errc::unique_violation) return ApiError(std::move(error));
  return {ApiErrc::conflict, model::user_description().taken_text().message, model::user_description().taken_text().code};
}

/// What the identity provider of a database connection complains about, in Auth0's words where they are known.
ApiError password_error(const connections::DatabaseError& error) {
  using enum connections::DatabaseErrc;
  std::string message;
  switch (error.code) {
    case password_too_short:
    case password_not_strong_enough:
      message = "PasswordStrengthError: Password is too weak";
      break;
    case password_leaked:  // not asked of administrators
    case password_too_common:
      message = "PasswordDictionaryError: Password is too common";
      break;
    case password_in_history:
      message = "PasswordHistoryError: Password has previously been used";
      break;
    case password_contains_user_data:
      message = "PasswordNoUserInfoError: Password contains user information";
      break;
    case password_too_long:
      message = "Payload validation error: 'String is too long, maximum 256' on property password.";
      break;
    case failed:
      return ApiError(error.cause);
    case user_exists:
    case invalid_signup:
    case invalid_email:
    case invalid_username:
    case username_required:
    case ticket_unknown:
    case ticket_used:
    case ticket_expired:
      message = error.message;
      break;
  }
  return {ApiErrc::bad_request, std::move(message), "invalid_password"};
}

ApiResult<const json::object*> checked_body(const Call& call, model::Body kind) {
  TRY(const json::object* body, call.object());
  if (kind == model::Body::update && body->contains("user_id")) return payload_error("'Additional properties not allowed: user_id'");
  if (const auto complaint = model::user_description().complaint(call.body(), kind)) return payload_error(*complaint);
  return body;
}

bool has_text(const json::object& body, std::string_view name) { return get_string(body, name).has_value(); }

}  // namespace

void UsersResource::mount() {
  const auto bind = [this](ApiResult<http::Response> (UsersResource::*method)(const Call&) const) {
    return [this, method](const Call& call) { return (this->*method)(call); };
  };
  api_.get("/users", {"read:users"}, "List or search users", bind(&UsersResource::list));
  api_.post("/users", {"create:users"}, "Create a user", bind(&UsersResource::create));
  api_.get("/users/{id}", {"read:users", "read:current_user"}, "Get a user", bind(&UsersResource::get));
  api_.patch("/users/{id}", {"update:users", "update:users_app_metadata"}, "Update a user", bind(&UsersResource::update));
  api_.remove("/users/{id}", {"delete:users"}, "Delete a user", bind(&UsersResource::remove));
  api_.get("/users-by-email", {"read:users"}, "Find users by e-mail", bind(&UsersResource::by_email));

  api_.post("/users/{id}/identities", {"update:users", "update:current_user_identities"}, "Link a User Account",
            bind(&UsersResource::link_identity));
  api_.remove("/users/{id}/identities/{provider}/{user_id}", {"update:users", "update:current_user_identities"}, "Unlink a User Identity",
              bind(&UsersResource::unlink_identity));

  api_.get("/users/{id}/roles", {"read:users", "read:roles", "read:role_members"}, "List the roles of a user",
           bind(&UsersResource::list_roles));
  api_.post("/users/{id}/roles", {"update:users", "create:role_members"}, "Assign roles to a user", bind(&UsersResource::assign_roles));
  api_.remove("/users/{id}/roles", {"update:users", "delete:role_members"}, "Remove roles from a user",
              bind(&UsersResource::unassign_roles));

  api_.get("/users/{id}/permissions", {"read:users"}, "List the permissions of a user", bind(&UsersResource::list_permissions));
  api_.post("/users/{id}/permissions", {"update:users"}, "Assign permissions to a user", bind(&UsersResource::add_permissions));
  api_.remove("/users/{id}/permissions", {"update:users"}, "Remove permissions from a user", bind(&UsersResource::remove_permissions));
}

ApiResult<model::User> UsersResource::existing(storage::Reader& reader, const Call& call) const {
  TRY(std::optional<model::User> user, parts_.users.find(reader, call.tenant(), UserId(call.parameter())));
  if (!user) return management::missing(model::user_description());
  return std::move(*user);
}

ApiResult<http::Response> UsersResource::list(const Call& call) const {
  TRY(const ListQuery query, call.list_query());
  TRY_VOID(query_boolean(call.query(), "primary_order"));
  model::UserSearch search;
  search.q = call.query().get("q").value_or("");
  search.connection = call.query().get("connection").value_or("");
  search.offset = query.offset();
  search.limit = query.limit();
  if (const auto sort = call.query().get("sort"); sort && !sort->empty()) {
    const size_t colon = sort->rfind(':');
    const std::string_view direction = colon == std::string_view::npos ? "" : sort->substr(colon + 1);
    if (direction != "1" && direction != "-1")
      return ApiError(ApiErrc::invalid_query_string,
                      "Query validation error: 'String does not match pattern ^(([a-zA-Z0-9_\\.]+))\\:(1|-1)$: " + std::string(*sort) +
                          "' on property sort (Field to sort by).");
    search.sort_field = std::string(sort->substr(0, colon));
    search.descending = direction == "-1";
  }
  search.with_total = query.include_totals || query.by_checkpoint;
  const bool searching = !search.q.empty() || !search.connection.empty() || !search.sort_field.empty();
  if (searching && search.offset + search.limit > model::kMaxSearchResults)
    return ApiError(ApiErrc::bad_request,
                    "A search pages through its first 1000 results at most; narrow it, or list without a query and sort.", "invalid_paging");

  const FieldChoice choice{query.fields, query.include_fields};
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    model::UsersFound found;
    if (searching) {
      TRY(found, searched(reader, call, search));
    } else {
      TRY(found.users, parts_.users.list(reader, call.tenant(), search.offset, search.limit));
      if (search.with_total) {
        TRY(found.total, parts_.users.count(reader, call.tenant()));
      }
    }
    json::array items;
    for (const model::User& user : found.users) {
      json::object shown = user.to_json();
      choice.apply(shown);
      items.push_back(std::move(shown));
    }
    if (!search.with_total) return http::Response::json(200, items);
    const size_t length = items.size();
    return http::Response::json(200, json::object{{"start", search.offset},
                                                  {"limit", search.limit},
                                                  {"length", length},
                                                  {"users", std::move(items)},
                                                  {"total", found.total}});
  });
}

ApiResult<model::UsersFound> UsersResource::searched(storage::Reader& reader, const Call& call, const model::UserSearch& search) const {
  Result<model::UsersFound> found = model::search_users(reader, parts_.users, call.tenant(), search);
  if (!found && found.error().code == Errc::invalid_argument)
    return ApiError(ApiErrc::invalid_query_string,
                    "Query validation error: '" + found.error().message + "' on property q (Query in Lucene query string syntax).");
  if (!found && found.error().code == Errc::timeout)
    return ApiError(ApiErrc::overloaded, "The query exceeded the timeout. Please try refining your search criteria.");
  if (!found) return ApiError(std::move(found).error());
  return std::move(found).value();
}

ApiResult<http::Response> UsersResource::get(const Call& call) const {
  TRY(const FieldChoice choice, FieldChoice::parse(call.query()));
  if (!call.caller().has("read:users") && call.caller().subject != call.parameter())
    return ApiError(ApiErrc::insufficient_scope, "Insufficient scope, expected any of: read:users");
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const model::User user, existing(reader, call));
    json::object shown = user.to_json();
    if (call.caller().has("read:user_idp_tokens")) TRY_VOID(show_tokens(reader, user, shown));
    choice.apply(shown);
    return http::Response::json(200, shown);
  });
}

Result<void> UsersResource::show_tokens(storage::Reader& reader, const model::User& user, json::object& shown) const {
  if (!parts_.upstream) return {};
  json::array& identities = shown.at("identities").as_array();
  for (size_t i = 0; i < user.identities.size(); ++i) {
    const model::Identity& identity = user.identities[i];
    if (identity.provider == "auth0" || identity.provider == "email" || identity.provider == "sms") continue;
    TRY(const std::optional<model::UpstreamTokens> tokens, parts_.upstream->tokens(reader, user.tenant, identity.account()));
    if (!tokens) continue;
    json::object& entry = identities.at(i).as_object();
    entry["access_token"] = tokens->access_token.reveal();
    if (tokens->expires_in) entry["expires_in"] = *tokens->expires_in;
    if (!tokens->refresh_token.empty()) entry["refresh_token"] = tokens->refresh_token.reveal();
  }
  return {};
}

ApiResult<http::Response> UsersResource::by_email(const Call& call) const {
  TRY(const FieldChoice choice, FieldChoice::parse(call.query()));
  const auto asked = call.query().get("email");
  if (!asked) return ApiError(ApiErrc::invalid_query_string, "Query validation error: 'Missing required property: email'.");
  const auto email = model::normalize_email(*asked);
  if (!email)
    return ApiError(ApiErrc::invalid_query_string, "Query validation error: 'Object didn't pass validation for format email: " +
                                                       std::string(*asked) + "' on property email.");
  return call.read([&](storage::Reader& reader) -> ApiResult<http::Response> {
    TRY(const std::vector<model::User> found, parts_.users.find_by_email(reader, call.tenant(), *email));
    json::array items;
    for (const model::User& user : found) {
      json::object shown = user.to_json();
      choice.apply(shown);
      items.push_back(std::move(shown));
    }
    return http::Response::json(200, items);
  });
}

ApiResult<std::shared_ptr<const model::Connection>> UsersResource::database_connection(const Call& call, std::string_view name) const {
  TRY(std::shared_ptr<const model::Connection> connection, parts_.connections.find_by_name(call.tenant(), name));
  if (!connection) return ApiError(ApiErrc::bad_request, "The connection does not exist: " + std::string(name), "inexistent_connection");
  if (!connection->is_database())
    return ApiError(ApiErrc::bad_request, "Users of the connection " + std::string(name) + " are made by signing in there.",
                    "operation_not_supported");
  return connection;
}

ApiResult<std::string> UsersResource::hash_password(const model::Connection& connection, std::string_view password, const model::User& user,
                                                    const model::PasswordCredential* current) const {
  if (auto fits = parts_.database_connection.check_password(connection, password, user, current); !fits)
    return password_error(fits.error());
  TRY(std::string hash, parts_.hasher.hash(password));
  return hash;
}

ApiResult<http::Response> UsersResource::create(const Call& call) const {
  TRY(const json::object* body, checked_body(call, model::Body::create));
  TRY(const std::shared_ptr<const model::Connection> connection, database_connection(call, *get_string(*body, "connection")));
  if (!has_text(*body, "password")) return payload_error("'Missing required property: password'");
  if (!has_text(*body, "email") && !has_text(*body, "username") && !has_text(*body, "phone_number"))
    return payload_error("'Missing required property: email'");
  if (connection->requires_username() && !has_text(*body, "username"))
    return ApiError(ApiErrc::invalid_body, "Missing username for " + connection->name + " connection with requires_username enabled");

  model::User fresh;
  fresh.tenant = call.tenant();
  const std::string own_id = has_text(*body, "user_id") ? std::string(*get_string(*body, "user_id")) : api_.parts().random.hex(24);
  if (own_id.find_first_of("|/?# \t\r\n") != std::string::npos)
    return payload_error("'String does not match pattern ^[^|/?#\\s]+$: " + own_id +
                         "' on property user_id (Identifier of the user in its connection)");
  fresh.id = UserId("auth0|" + own_id);
  fresh.identities = {{connection->name, "auth0", own_id, false, {}}};
  TRY_VOID(apply_body(*body, fresh));
  fresh.fill_defaults();
  TRY(const std::string hash, hash_password(*connection, *get_string(*body, "password"), fresh, nullptr));

  const bool send_mail = fresh.email && get_bool(*body, "verify_email").value_or(!fresh.email_verified);
  const std::string ticket = model::TicketStore::make_secret(api_.parts().random);
  TRY(const std::shared_ptr<const model::Tenant> tenant, parts_.tenants.get(call.tenant()));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    model::User user = fresh;
    TRY(const std::optional<model::User> owner, parts_.users.find_by_identity(tx, call.tenant(), "auth0", own_id));
    if (owner) return conflict_or(Error{Errc::unique_violation, ""});
    const model::PasswordCredential credential{hash, call.now(), {}};
    if (auto inserted = parts_.users.insert(tx, user, credential, call.now()); !inserted) return conflict_or(std::move(inserted).error());
    if (send_mail) TRY_VOID(parts_.database_connection.queue_verification(tx, *tenant, user, ticket, nullptr));
    return http::Response::json(201, user.to_json());
  });
}

ApiResult<http::Response> UsersResource::update(const Call& call) const {
  TRY(const json::object* body, checked_body(call, model::Body::update));
  if (body->empty()) return payload_error("'Too few properties defined (0), minimum 1'");
  if (!call.caller().has("update:users"))
    for (const auto& [key, value] : *body)
      if (key != "app_metadata") return ApiError(ApiErrc::insufficient_scope, "Insufficient scope, expected any of: update:users");
  for (const std::string_view other : {"email", "phone_number", "username"})
    if (has_text(*body, "password") && has_text(*body, other))
      return ApiError(ApiErrc::bad_request, "Cannot update password and " + std::string(other) + " simultaneously", "invalid_body");
  if (has_text(*body, "username") && has_text(*body, "email"))
    return ApiError(ApiErrc::bad_request, "Cannot update username and email simultaneously", "invalid_body");

  // the hash is made outside the unit of work, from what the user is now
  std::optional<std::string> hash;
  std::optional<UserId> password_of;
  size_t history = 0;
  if (has_text(*body, "password")) {
    TRY(const std::optional<model::User> user, parts_.users.find(call.tenant(), UserId(call.parameter())));
    if (!user) return management::missing(model::user_description());
    // A user whose first account is elsewhere may have linked one with a password: the body's `connection` tells which is meant.
    const auto named = get_string(*body, "connection");
    const model::Identity* account = user->identity_in(named.value_or(user->connection()));
    if (!account)
      return ApiError(ApiErrc::bad_request, "The user has no password in the connection " + std::string(*named), "invalid_body");
    TRY(const std::shared_ptr<const model::Connection> connection, database_connection(call, account->connection));
    password_of = account->account();
    TRY(const std::optional<model::PasswordCredential> current,
        api_.parts().db.read([&](storage::Reader& reader) { return parts_.users.password(reader, call.tenant(), *password_of); }));
    TRY(hash, hash_password(*connection, *get_string(*body, "password"), *user, current ? &*current : nullptr));
    history = parts_.database_connection.history_size(*connection);
  }
  std::shared_ptr<const model::Client> client;
  if (has_text(*body, "client_id")) {
    TRY(client, parts_.clients.find(call.tenant(), ClientId(std::string(*get_string(*body, "client_id")))));
    if (!client) return ApiError(ApiErrc::bad_request, "The client does not exist", "inexistent_client");
  }
  const std::string ticket = model::TicketStore::make_secret(api_.parts().random);
  TRY(const std::shared_ptr<const model::Tenant> tenant, parts_.tenants.get(call.tenant()));

  const auto work = [&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const model::User before, existing(tx, call));
    model::User user = before;
    TRY_VOID(apply_body(*body, user));
    // Who comes from elsewhere is known by the id there.
    if (user.identities.front().provider == "auth0" && !user.email && !user.username && !user.phone_number)
      return ApiError(ApiErrc::invalid_body, "A user needs an e-mail address, a username or a phone number");
    if (auto replaced = parts_.users.replace(tx, before, user, call.now()); !replaced) return conflict_or(std::move(replaced).error());
    if (hash) TRY_VOID(parts_.users.set_password(tx, user.tenant, *password_of, *hash, history, call.now()));
    if (hash || (user.blocked && !before.blocked)) TRY_VOID(end_access(tx, user));
    if (hash)
      TRY_VOID(model::LoginFailureStore{}.clear_all(tx, user.tenant,
                                                    connections::all_identifiers(user)));  // a new password opens a blocked account
    if (user.email && get_bool(*body, "verify_email").value_or(false))
      TRY_VOID(parts_.database_connection.queue_verification(tx, *tenant, user, ticket, client.get()));
    if (hash) user.last_password_reset = call.now();
    return http::Response::json(200, user.to_json());
  };
  // Who takes access away must see every session and token that begins meanwhile; everything else changes rows of this user alone.
  return hash || body->contains("blocked") ? call.write(work) : call.write_own_rows(work);
}

Result<void> UsersResource::end_access(storage::Transaction& tx, const model::User& user) const {
  TRY_VOID(parts_.sessions.remove_all(tx, user.tenant, user.id));
  TRY_VOID(parts_.refresh_tokens.remove_of_user(tx, user.tenant, user.id));
  return {};
}

ApiResult<http::Response> UsersResource::remove(const Call& call) const {
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY_VOID(parts_.users.remove(tx, call.tenant(), UserId(call.parameter())));  // repeatable: 204 also when it is gone already
    return http::Response::empty(204);
  });
}

}  // namespace gatehouse::management
