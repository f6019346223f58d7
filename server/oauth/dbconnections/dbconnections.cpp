#include "oauth/dbconnections/dbconnections.h"

namespace gatehouse::oauth {
namespace {

using connections::DatabaseErrc;
using connections::DatabaseError;

/// The older form of error that these two endpoints have on Auth0.
http::Response older_error(std::string_view name, std::string_view code, std::string_view description, int status = 400) {
  http::Response response =
      http::Response::json(status, json::object{{"name", name}, {"code", code}, {"description", description}, {"statusCode", status}});
  response.no_store();
  return response;
}

http::Response bad_request(std::string_view code, std::string_view description) {
  return older_error("BadRequestError", code, description);
}

http::Response unavailable(const Error& error) { return error_response(OAuthError(error), false); }

http::Response throttled() {
  return older_error("TooManyRequestsError", "too_many_requests", "Too many requests. Please try again in a minute.", 429)
      .set("Retry-After", "60");
}

/// A refused password, with the rules it breaks where sign-up tells them.
http::Response invalid_password(std::string_view name, const DatabaseError& error) {
  json::object body{
      {"name", name}, {"message", error.message}, {"code", "invalid_password"}, {"description", error.message}, {"statusCode", 400}};
  for (const json::key_value_pair& detail : error.details) body[detail.key()] = detail.value();
  http::Response response = http::Response::json(400, body);
  response.no_store();
  return response;
}

http::Response refused(const DatabaseError& error, const model::Tenant& tenant) {
  switch (error.code) {
    case DatabaseErrc::user_exists:
      // Auth0 tells strangers that an address is taken only where the tenant wants it.
      if (tenant.flag("enable_public_signup_user_exists_error")) return bad_request("user_exists", "The user already exists.");
      return bad_request("invalid_signup", "Invalid sign up");
    case DatabaseErrc::invalid_signup:
      return bad_request("invalid_signup", error.message);
    case DatabaseErrc::invalid_email:
    case DatabaseErrc::invalid_username:
    case DatabaseErrc::username_required:
      return bad_request("invalid_signup", error.message);
    case DatabaseErrc::password_too_short:
    case DatabaseErrc::password_too_long:
    case DatabaseErrc::password_not_strong_enough:
      return invalid_password("PasswordStrengthError", error);
    case DatabaseErrc::password_too_common:
      return invalid_password("PasswordDictionaryError", error);
    case DatabaseErrc::password_in_history:
      return invalid_password("PasswordHistoryError", error);
    case DatabaseErrc::password_contains_user_data:
      return invalid_password("PasswordNoUserInfoError", error);
    case DatabaseErrc::password_leaked:
      return bad_request("password_leaked", error.message);
    case DatabaseErrc::ticket_unknown:
    case DatabaseErrc::ticket_used:
    case DatabaseErrc::ticket_expired:
      return bad_request("invalid_ticket", error.message);
    case DatabaseErrc::failed:
      return unavailable(error.cause);
  }
  return unavailable(error.cause);
}

std::optional<std::string> text(const BodyParameters& body, std::string_view name) {
  const std::optional<std::string_view> value = body.get(name);
  return value ? std::optional<std::string>(*value) : std::nullopt;
}

}  // namespace

void DbConnections::mount(http::Router& router) {
  const http::RouteOptions options{.lane = http::Lane::sign_in, .scope = "public", .max_body = kMaxBody};
  router.post("/dbconnections/signup", options,
              [this](const http::Request& r) { return with_body(r, [&](const BodyParameters& body) { return signup(r, body); }); });
  router.post("/dbconnections/change_password", options, [this](const http::Request& r) {
    return with_body(r, [&](const BodyParameters& body) { return change_password(r, body); });
  });
  mount_preflight(router, "/dbconnections/signup", "POST");
  mount_preflight(router, "/dbconnections/change_password", "POST");
}

template <class F>
http::Response DbConnections::with_body(const http::Request& request, F handle) const {
  const Result<BodyParameters> body = BodyParameters::parse(request);
  if (!body) return bad_request("invalid_request", body.error().description);
  http::Response response = handle(*body);
  allow_origin_of(request, nullptr, parts_.clients, *body, response);
  return response;
}

gatehouse::Result<DbConnections::Asked, http::Response> DbConnections::asked(const http::Request& request,
                                                                             const BodyParameters& body) const {
  Asked asked;
  gatehouse::Result<std::shared_ptr<const model::Tenant>> tenant = parts_.tenants.get(request.tenant);
  if (!tenant) return unavailable(tenant.error());
  asked.tenant = std::move(*tenant);
  const std::optional<std::string_view> client_id = body.get("client_id");
  if (!client_id) return bad_request("invalid_request", "client_id is required");
  const std::optional<std::string_view> name = body.get("connection");
  if (!name) return bad_request("invalid_request", "connection is required");
  gatehouse::Result<std::shared_ptr<const model::Client>> client = parts_.clients.find(request.tenant, ClientId(std::string(*client_id)));
  if (!client) return unavailable(client.error());
  if (!*client || (*client)->global) return bad_request("invalid_request", "Unknown client: " + std::string(*client_id));
  asked.client = std::move(*client);
  gatehouse::Result<std::shared_ptr<const model::Connection>> connection = parts_.connections.find_by_name(request.tenant, *name);
  if (!connection) return unavailable(connection.error());
  // One answer for a connection that does not exist and one this client may not use.
  if (!*connection || !(*connection)->is_database() || !(*connection)->is_enabled_for(asked.client->id))
    return bad_request("invalid_request", "The connection is not a database connection that is enabled for this client.");
  asked.connection = std::move(*connection);
  return asked;
}

http::Response DbConnections::signup(const http::Request& request, const BodyParameters& body) const {
  const gatehouse::Result<Asked, http::Response> who = asked(request, body);
  if (!who) return who.error();
  const std::optional<std::string_view> password = body.get("password");
  if (!password) return bad_request("invalid_request", "password is required");
  const gatehouse::Result<attack_protection::AttackProtection::Verdict> verdict =
      parts_.protection.sign_up(request.tenant, request.client_ip);
  if (!verdict) return unavailable(verdict.error());
  if (*verdict != attack_protection::AttackProtection::Verdict::allowed) return throttled();

  const gatehouse::Result<bool> wants_captcha =
      parts_.protection.wants_captcha(request.tenant, attack_protection::AttackProtection::Guarded::password, {}, request.client_ip);
  if (!wants_captcha) return unavailable(wants_captcha.error());
  // Only the hosted page can show one.
  if (*wants_captcha) return bad_request("requires_verification", "Suspicious request requires verification");

  connections::SignUp sign_up;
  sign_up.email = text(body, "email");
  sign_up.username = text(body, "username");
  sign_up.phone_number = text(body, "phone_number");
  sign_up.password = SecretString(std::string(*password));
  for (const auto& [name, member] :
       {std::pair("given_name", &sign_up.given_name), std::pair("family_name", &sign_up.family_name), std::pair("name", &sign_up.name),
        std::pair("nickname", &sign_up.nickname), std::pair("picture", &sign_up.picture)})
    *member = text(body, name);
  if (const json::value* metadata = body.object().if_contains("user_metadata"); metadata && !metadata->is_null()) {
    if (!metadata->is_object()) return bad_request("invalid_signup", "user_metadata must be an object");
    sign_up.user_metadata = metadata->as_object();
  }

  const connections::DatabaseResult<model::User> user = parts_.database.sign_up(
      *who->tenant, *who->connection, who->client.get(), std::move(sign_up), logs::Event::from(request, "ss", "Successful signup"));
  if (!user) return refused(user.error(), *who->tenant);

  json::object answer;
  answer["_id"] = user->id.str().substr(user->id.str().find('|') + 1);
  if (user->email) answer["email"] = *user->email;
  answer["email_verified"] = user->email_verified;
  if (user->username) answer["username"] = *user->username;
  if (user->phone_number) {
    answer["phone_number"] = *user->phone_number;
    answer["phone_verified"] = user->phone_verified;
  }
  for (const std::string_view name : {"given_name", "family_name", "name", "nickname", "picture"})
    if (body.get(name))
      if (const json::value* value = user->attributes.if_contains(name)) answer[name] = *value;
  if (!user->user_metadata.empty()) answer["user_metadata"] = user->user_metadata;
  http::Response response = http::Response::json(200, answer);
  response.no_store();
  return response;
}

http::Response DbConnections::change_password(const http::Request& request, const BodyParameters& body) const {
  const gatehouse::Result<Asked, http::Response> who = asked(request, body);
  if (!who) return who.error();
  std::optional<std::string> identifier = text(body, "email");
  if (!identifier) identifier = text(body, "username");
  if (!identifier) identifier = text(body, "phone_number");
  if (!identifier) return bad_request("invalid_request", "email is required");
  const gatehouse::Result<attack_protection::AttackProtection::Verdict> verdict =
      parts_.protection.password_change(request.tenant, *identifier, request.client_ip);
  if (!verdict) return unavailable(verdict.error());
  if (*verdict != attack_protection::AttackProtection::Verdict::allowed) return throttled();
  const connections::DatabaseResult<void> done = parts_.database.request_password_change(
      *who->tenant, *who->connection, who->client.get(), *identifier, logs::Event::from(request, "scpr", "Change password request"));
  if (!done) return refused(done.error(), *who->tenant);
  http::Response response = http::Response::html(200, "We've just sent you an email to reset your password.");
  response.no_store();
  return response;
}

}  // namespace gatehouse::oauth
