// Accounts of a user: linking another user to it, and letting go of one.
#include "jose/jwt.h"
#include "management/resource.h"
#include "management/users/users_resource.h"
#include "model/users/user_description.h"

namespace gatehouse::management {
namespace {

constexpr size_t kMostIdentities = 50;
constexpr int64_t kLeewaySeconds = 5;

const model::Property& link_body() {
  using namespace model::description;
  static const model::Property body =
      object()
          .field("provider", string().length(1, 64).about("Identity provider of the secondary user account being linked."))
          .field("connection_id", string().length(1, 64).about("connection_id of the secondary user account being linked "
                                                               "when more than one `auth0` database provider exists."))
          .field("user_id", any().about("user_id of the secondary user account being linked."))
          .field("link_with", string().length(1, 16384).about("JWT for the secondary account being linked. If sending this parameter, "
                                                              "`provider`, `user_id`, and `connection_id` must not be sent."));
  return body;
}

/// A user may be named by the part after the bar, by the whole id, or by a number.
ApiResult<std::string> own_id_of(const json::value& value, std::string_view provider) {
  if (value.is_int64()) return std::to_string(value.get_int64());
  if (!value.is_string() || value.get_string().empty())
    return payload_error("'Expected type string or integer' on property user_id (user_id of the secondary user account being linked.)");
  std::string_view id(value.get_string());
  if (id.size() > provider.size() && id.starts_with(provider) && id[provider.size()] == '|') id.remove_prefix(provider.size() + 1);
  return std::string(id);
}

ApiError refused_token(std::string why) { return {ApiErrc::bad_request, "link_with is not usable: " + std::move(why), "invalid_body"}; }

}  // namespace

/// Only the user itself may act with a token of its own. Errors: forbidden.
ApiResult<void> UsersResource::check_own_identities(const Call& call) const {
  if (call.caller().has("update:users") || call.caller().subject == call.parameter()) return {};
  return ApiError(ApiErrc::forbidden, "User to be acted on does not match subject in bearer token.", "forbidden");
}

/// Whose ID token this is: signed by one of our keys for the application that calls, and not expired. That the person signed in there
/// a moment ago is what makes linking safe; an address never does.
ApiResult<UserId> UsersResource::user_of_token(const Call& call, std::string_view token) const {
  const Result<jose::ParsedJwt> jwt = jose::ParsedJwt::parse(token);
  if (!jwt) return refused_token("it is no JWT.");
  const json::object& claims = jwt->claims;
  TRY(const std::optional<jose::PublicKey> key, api_.parts().keys.find(call.tenant(), jwt->kid));
  if (!key || !jose::verify_signature(*jwt, *key)) return refused_token("it must be an ID token signed with a key of this tenant (RS256).");
  if (get_string(claims, "iss").value_or("") != call.request().issuer) return refused_token("its issuer is another.");
  const std::vector<std::string> audiences = jose::audiences(claims);
  if (audiences.size() != 1 || audiences.front() != call.caller().client.str())
    return refused_token("its audience must be the application that the bearer token was issued to.");
  if (get_int(claims, "exp").value_or(0) + kLeewaySeconds <= to_unix_seconds(call.now())) return refused_token("it has expired.");
  if (get_string(jwt->header, "typ").value_or("JWT") != "JWT" || claims.contains("scope") || claims.contains("events"))
    return refused_token("it is no ID token.");
  const std::string_view subject = get_string(claims, "sub").value_or("");
  if (subject.find('|') == std::string_view::npos) return refused_token("it names no user.");
  return UserId(std::string(subject));
}

/// Links another user to the one of the path; its accounts after that. Errors: invalid_body, forbidden, inexistent_user,
/// inexistent_connection, identity_conflict.
ApiResult<http::Response> UsersResource::link_identity(const Call& call) const {
  if (const auto complaint = link_body().complaint(call.body(), model::Body::create)) return payload_error(*complaint);
  const json::object& body = call.body().get_object();
  TRY_VOID(check_own_identities(call));
  const auto token = get_string(body, "link_with");
  const auto provider = get_string(body, "provider");
  std::optional<UserId> secondary_id;
  std::string connection_name;
  if (token) {
    for (const std::string_view other : {"provider", "user_id", "connection_id"})
      if (body.contains(other)) return payload_error("'Additional properties not allowed: " + std::string(other) + "'");
    TRY(secondary_id, user_of_token(call, *token));
  } else {
    if (!call.caller().has("update:users")) {
      return body.empty() || !provider ? payload_error("'Missing required property: link_with'")
                                       : ApiError(ApiErrc::insufficient_scope, "Insufficient scope, expected any of: update:users");
    }
    if (!provider) return payload_error("'Missing required property: provider'");
    if (!body.contains("user_id")) return payload_error("'Missing required property: user_id'");
    TRY(const std::string own_id, own_id_of(body.at("user_id"), *provider));
    secondary_id = UserId(std::string(*provider) + "|" + own_id);
    if (const auto id = get_string(body, "connection_id")) {
      TRY(const auto connection, parts_.connections.find(call.tenant(), ConnectionId(std::string(*id))));
      if (!connection) return ApiError(ApiErrc::not_found, "The connection does not exist", "inexistent_connection");
      connection_name = connection->name;
    }
  }
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(model::User primary, existing(tx, call));
    if (*secondary_id == primary.id)
      return ApiError(ApiErrc::bad_request, "The primary and the secondary account are the same.", "invalid_body");
    TRY(const std::optional<model::User> secondary, parts_.users.find(tx, call.tenant(), *secondary_id));
    if (!secondary || (!connection_name.empty() && secondary->connection() != connection_name)) {
      const std::string_view whole = secondary_id->str();
      const size_t bar = whole.find('|');
      TRY(const std::optional<model::User> owner,
          parts_.users.find_by_identity(tx, call.tenant(), whole.substr(0, bar), whole.substr(std::min(bar + 1, whole.size()))));
      if (owner && !secondary) return ApiError(ApiErrc::conflict, "Specified identity already belongs to a user.", "identity_conflict");
      return management::missing(model::user_description());
    }
    // Who was locked out does not come in again by another account of theirs.
    if (token && (secondary->blocked || primary.blocked)) return ApiError(ApiErrc::forbidden, "The user is blocked.", "user_blocked");
    if (primary.identities.size() + secondary->identities.size() > kMostIdentities)
      return ApiError(ApiErrc::bad_request, "A user has " + std::to_string(kMostIdentities) + " identities at most.", "invalid_body");
    TRY_VOID(parts_.users.link(tx, primary, *secondary, call.now()));
    return http::Response::json(201, primary.identities_to_json());
  });
}

/// Lets go of an account, which is a user of its own from now on; the accounts that are left. Errors: forbidden, inexistent_user, 404 for
/// an account the user does not have, 400 for the first one.
ApiResult<http::Response> UsersResource::unlink_identity(const Call& call) const {
  TRY_VOID(check_own_identities(call));
  const std::string& provider = call.parameter("provider");
  TRY(const std::string own_id, own_id_of(json::value(call.parameter("user_id")), provider));
  return call.write([&](storage::Transaction& tx) -> ApiResult<http::Response> {
    TRY(model::User primary, existing(tx, call));
    const Result<model::User> alone = parts_.users.unlink(tx, primary, provider, own_id, call.now());
    if (!alone && alone.error().code == Errc::not_found)
      return ApiError(ApiErrc::not_found, "The user does not have the specified identity.", "inexistent_identity");
    if (!alone && alone.error().code == Errc::invalid_argument)
      return ApiError(ApiErrc::bad_request, "The main identity of a user cannot be unlinked.", "operation_not_supported");
    if (!alone) return ApiError(alone.error());
    return http::Response::json(200, primary.identities_to_json());
  });
}

}  // namespace gatehouse::management
