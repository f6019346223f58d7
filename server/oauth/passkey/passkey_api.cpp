#include "oauth/passkey/passkey_api.h"

namespace gatehouse::oauth {
namespace {

http::Response with_session(std::string_view auth_session, json::object options) {
  http::Response response =
      http::Response::json(200, json::object{{"authn_params_public_key", std::move(options)}, {"auth_session", auth_session}});
  response.no_store();
  return response;
}

/// Auth0 shows these members and no others.
json::object shown(json::object options) {
  if (json::object* selection = options.contains("authenticatorSelection") ? options["authenticatorSelection"].if_object() : nullptr)
    selection->erase("requireResidentKey");
  return options;
}

}  // namespace

void PasskeyApi::mount(http::Router& router) {
  const http::RouteOptions options{.lane = http::Lane::store, .scope = "client", .max_body = kMaxBody};
  router.post("/passkey/challenge", options,
              [this](const http::Request& r) { return answer(r, [this](Call& call) { return challenge(call); }); });
  router.post("/passkey/register", options,
              [this](const http::Request& r) { return answer(r, [this](Call& call) { return register_(call); }); });
  mount_preflight(router, "/passkey/challenge", "POST");
  mount_preflight(router, "/passkey/register", "POST");
}

http::Response PasskeyApi::answer(const http::Request& request, const std::function<Result<http::Response>(Call&)>& handle) const {
  Call call{.http = request};
  const Result<http::Response> result = [&]() -> Result<http::Response> {
    TRY(call.tenant, parts_.tenants.get(request.tenant));
    TRY(call.body, BodyParameters::parse(request));
    TRY(call.client, parts_.client_auth.authenticate(request, call.body, *call.tenant));
    if (!call.client.client->allows_grant(WebAuthnGrant::kType))
      return OAuthError{OAuthErrc::unauthorized_client,
                        "Grant type '" + std::string(WebAuthnGrant::kType) + "' not allowed for the client."};
    TRY(call.connection, parts_.passkeys.connection(*call.tenant, *call.client.client, call.body));
    TRY(const bool within, parts_.db.write_unsynced([&](storage::Transaction& tx) {
      return buckets_.take(tx, call.tenant->id, "passkey_api", request.client_ip, kByAddress, parts_.clock.now());
    }));
    if (!within) return OAuthError{OAuthErrc::too_many_requests, "Too many requests. Please try again in a minute."};
    return handle(call);
  }();
  http::Response response =
      result ? *result : error_response(result.error(), call.client.client || (call.tenant && call.tenant->is_local()));
  if (!result) {
    logs::Event event = logs::Event::from(request, "passkey_challenge_failed", result.error().description);
    event.details = event_details(result.error());
    if (call.client.client) {
      event.client = call.client.client->id;
      event.client_name = call.client.client->name;
    }
    parts_.log.enqueue(std::move(event));
  }
  allow_origin_of(request, call.client.client.get(), parts_.clients, call.body, response);
  return response;
}

Result<http::Response> PasskeyApi::challenge(Call& call) const {
  const std::string auth_session = parts_.random.base64url(32);
  TRY(json::object options,
      parts_.passkeys.passkeys().ask(*call.tenant, PasskeyRequests::subject(auth_session, *call.client.client, *call.connection)));
  logs::Event event = logs::Event::from(call.http, "passkey_challenge_started", "A passkey was asked for");
  event.client = call.client.client->id;
  event.client_name = call.client.client->name;
  event.connection = call.connection->name;
  event.connection_id = call.connection->id.str();
  parts_.log.enqueue(std::move(event));
  return with_session(auth_session, std::move(options));
}

Result<http::Response> PasskeyApi::register_(Call& call) const {
  const json::object* profile = get_object(call.body.object(), "user_profile");
  if (!profile) return OAuthError{OAuthErrc::invalid_request, "user_profile must be an object"};
  const json::value* sent = call.body.object().if_contains("user_metadata");
  if (sent && !sent->is_null() && !sent->is_object()) return OAuthError{OAuthErrc::invalid_request, "user_metadata must be an object"};
  const json::object metadata = sent && sent->is_object() ? sent->get_object() : json::object{};
  TRY(const connections::SignUp asked, sign_up_of(*profile, metadata));
  TRY(const auto verdict, parts_.protection.sign_up(call.tenant->id, call.http.client_ip));
  if (verdict != attack_protection::AttackProtection::Verdict::allowed)
    return OAuthError{OAuthErrc::too_many_requests, "Too many requests. Please try again in a minute."};
  const std::string own_id = parts_.random.hex(24);
  const auto user = parts_.database.check_sign_up(*call.tenant, *call.connection, call.client.client.get(), asked, own_id);
  if (!user && user.error().code == connections::DatabaseErrc::failed) return OAuthError(user.error().cause);
  if (!user) return OAuthError{OAuthErrc::invalid_request, user.error().message};
  const std::string auth_session = parts_.random.base64url(32);
  TRY(json::object options,
      parts_.passkeys.passkeys().ask_new(*call.tenant, connections::Passkeys::Owner::of(*user),
                                         PasskeyRequests::subject(auth_session, *call.client.client, *call.connection),
                                         {{"profile", *profile}, {"metadata", metadata}, {"own_id", own_id}}));
  return with_session(auth_session, shown(std::move(options)));
}

}  // namespace gatehouse::oauth
