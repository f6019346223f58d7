#include "management/tickets/tickets_resource.h"

#include "management/resource.h"
#include "model/clients/client_description.h"
#include "model/users/user_description.h"

namespace gatehouse::management {
namespace {

model::Property identity() {
  using namespace model::description;
  return object()
      .field("user_id", string().length(1, 255).required())
      .field("provider", string().length(1, 64).required())
      .field("connection_id", string().max(64))
      .about("Which of the user's identities is meant, when several are linked.");
}

model::Property common(model::Property body) {
  using namespace model::description;
  return std::move(body)
      .field("result_url", string().max(2048).about("URL the user will be redirected to once the ticket is used."))
      .field("client_id", string().max(64).about("ID of the client (application)."))
      .field("organization_id", string().max(50).not_enforced())
      .field("ttl_sec", integer().at_least(0).about("Number of seconds for which the ticket is valid before expiration."))
      .field("includeEmailInRedirect", boolean())
      .field("identity", identity());
}

const model::Property& verification_body() {
  using namespace model::description;
  static const model::Property body =
      common(object().field("user_id", string().length(1, 255).required().about("user_id of for whom the ticket should be created.")));
  return body;
}

const model::Property& password_body() {
  using namespace model::description;
  static const model::Property body =
      common(object()
                 .field("user_id", string().length(1, 255).about("user_id of for whom the ticket should be created."))
                 .field("email", string().max(254))
                 .field("connection_id", string().max(64))
                 .field("mark_email_as_verified", boolean()));
  return body;
}

}  // namespace

void TicketsResource::mount() {
  api_.post("/tickets/password-change", {"create:user_tickets"}, "Create a password change ticket",
            [this](const Call& call) { return change_password(call); });
  api_.post("/tickets/email-verification", {"create:user_tickets"}, "Create an email verification ticket",
            [this](const Call& call) { return verify_email(call); });
}

ApiResult<void> TicketsResource::check_client(const Call& call) const {
  const auto id = get_string(call.body().get_object(), "client_id");
  if (!id || id->empty()) return {};
  TRY(const auto client, parts_.clients.find(call.tenant(), ClientId(std::string(*id))));
  if (!client) return management::missing(model::client_description());
  return {};
}

ApiResult<http::Response> TicketsResource::create(storage::Transaction& tx, const Call& call, const model::User& user, model::Ticket ticket,
                                                  std::string_view secret, std::string_view path) const {
  const json::object& body = call.body().get_object();
  const int64_t lifetime = get_int(body, "ttl_sec").value_or(0);
  ticket.tenant = call.tenant();
  ticket.user = user.id;
  ticket.created_at = call.now();
  ticket.expires_at = call.now() + (lifetime > 0 ? seconds(std::min<int64_t>(lifetime, 365 * 24 * 3600)) : model::kTicketLifetime);
  const model::Identity* account = &user.identities.front();
  if (const json::object* named = get_object(body, "identity")) {
    account = user.identity_at(*get_string(*named, "provider"), *get_string(*named, "user_id"));
    if (!account) return ApiError(ApiErrc::bad_request, "The user does not have the specified identity.", "inexistent_identity");
  } else if (const auto address = get_string(body, "email")) {
    if (const auto normal = model::normalize_email(*address))
      for (const model::Identity& identity : user.identities)
        if (user.identity_by(identity.connection, *normal) == &identity) account = &identity;
  }
  const std::optional<std::string> email = user.email_of(*account);
  if (!email) return ApiError(ApiErrc::bad_request, "The user does not have an email address.");
  ticket.data["email"] = *email;
  if (account != &user.identities.front()) ticket.data["account"] = account->account().str();
  for (const std::string_view name : {"result_url", "client_id"})
    if (const auto value = get_string(body, name); value && !value->empty()) ticket.data[name] = *value;
  ticket.data["includeEmailInRedirect"] = get_bool(body, "includeEmailInRedirect").value_or(false);
  TRY_VOID(parts_.tickets.insert(tx, secret, ticket));
  return http::Response::json(
      201, json::object{{"ticket", call.request().issuer + std::string(path) + "?ticket=" + http::percent_encode(secret)}});
}

/// Errors: invalid_body; inexistent_user, inexistent_client, inexistent_connection; 400 for a user without a password or address.
ApiResult<http::Response> TicketsResource::change_password(const Call& call) const {
  if (const auto complaint = password_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  const json::object& body = call.body().get_object();
  const auto user_id = get_string(body, "user_id"), email = get_string(body, "email"), connection_id = get_string(body, "connection_id");
  if (!user_id && (!email || !connection_id)) return payload_error("Missing required property: user_id, or email with connection_id");
  TRY_VOID(check_client(call));
  std::string connection_name;
  if (!user_id) {
    TRY(const auto connection, parts_.connections.find(call.tenant(), ConnectionId(std::string(*connection_id))));
    if (!connection) return ApiError(ApiErrc::not_found, "The connection does not exist", "inexistent_connection");
    connection_name = connection->name;
  }
  TRY(const std::optional<model::User> user, api_.parts().db.read([&](storage::Reader& reader) -> Result<std::optional<model::User>> {
    if (user_id) return parts_.users.find(reader, call.tenant(), UserId(std::string(*user_id)));
    const auto address = model::normalize_email(*email);
    if (!address) return std::optional<model::User>{};
    return parts_.users.find_by_identifier(reader, call.tenant(), connection_name, model::IdentifierKind::email, *address);
  }));
  if (!user) return management::missing(model::user_description());
  const json::object* named = get_object(body, "identity");
  const model::Identity* account = named ? user->identity_at(*get_string(*named, "provider"), *get_string(*named, "user_id")) : nullptr;
  TRY(const auto connection, parts_.connections.find_by_name(call.tenant(), account ? account->connection
                                                                            : connection_name.empty() ? user->connection() : connection_name));
  if (!connection || !connection->is_database())
    return ApiError(ApiErrc::operation_not_supported, "The operation is not supported: the user is not in a database connection.");
  const std::string secret = model::TicketStore::make_secret(api_.parts().random);
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    model::Ticket ticket{.kind = "change_password"};
    ticket.data["mark_email_as_verified"] = get_bool(body, "mark_email_as_verified").value_or(false);
    return create(tx, call, *user, std::move(ticket), secret, "u/reset-verify");
  });
}

/// Errors: invalid_body; inexistent_user, inexistent_client; 400 for a user without an address.
ApiResult<http::Response> TicketsResource::verify_email(const Call& call) const {
  if (const auto complaint = verification_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  TRY_VOID(check_client(call));
  const std::string secret = model::TicketStore::make_secret(api_.parts().random);
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(const std::optional<model::User> user,
        parts_.users.find(tx, call.tenant(), UserId(std::string(*get_string(call.body().get_object(), "user_id")))));
    if (!user) return management::missing(model::user_description());
    return create(tx, call, *user, {.kind = "verify_email"}, secret, "u/email-verification");
  });
}

}  // namespace gatehouse::management
