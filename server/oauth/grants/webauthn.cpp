#include "oauth/grants/webauthn.h"

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::oauth {
namespace {

/// `authn_response`: an object in JSON, its text in a form.
Result<json::object> answer_of(const BodyParameters& body) {
  if (const json::object* object = get_object(body.object(), "authn_response")) return *object;
  const auto text = body.get("authn_response");
  if (!text) return OAuthError{OAuthErrc::invalid_request, "Missing required parameter: authn_response"};
  auto parsed = parse_json(*text, {.max_depth = 8, .max_bytes = 64 * 1024});
  if (!parsed || !parsed->is_object()) return OAuthError{OAuthErrc::invalid_request, "authn_response must be an object"};
  return std::move(parsed->get_object());
}

/// "D8:A0:…" as Android says it: android:apk-key-hash:<base64url of the bytes>.
std::optional<std::string> android_origin(std::string_view fingerprint) {
  std::string digits;
  for (const char c : fingerprint)
    if (c != ':') digits += c;
  const auto bytes = hex_decode(to_lower_ascii(digits));
  if (!bytes || bytes->size() != 32) return std::nullopt;
  return "android:apk-key-hash:" + base64url_encode(*bytes);
}

/// Host of an origin without wildcards; empty when it is none. Without TLS only on this machine, as in browsers.
std::string_view host_of(std::string_view origin) {
  const bool tls = origin.starts_with("https://");
  if (!tls && !origin.starts_with("http://")) return {};
  const std::string_view authority = origin.substr(tls ? 8 : 7);
  if (authority.find_first_of("*/?#@") != std::string_view::npos) return {};
  const std::string_view host = authority.substr(0, authority.find(':'));
  return tls || host == "localhost" || host.ends_with(".localhost") ? host : std::string_view();
}

}  // namespace

Result<std::shared_ptr<const model::Connection>> PasskeyRequests::connection(const model::Tenant& tenant, const model::Client& client,
                                                                             const BodyParameters& body) const {
  if (!client.is_first_party) return OAuthError{OAuthErrc::unauthorized_client, "Passkeys are not available to third-party applications."};
  const std::string name(body.get("realm").value_or(tenant.default_directory()));
  if (name.empty())
    return OAuthError{OAuthErrc::invalid_request, "Authorization server not configured with default connection.",
                      "Send realm, or set default_directory in the tenant settings."};
  TRY(const std::shared_ptr<const model::Connection> connection, parts_.connections.find_by_name(tenant.id, name));
  if (!connection || !connection->is_database() || !connection->is_enabled_for(client.id))
    return OAuthError{OAuthErrc::unauthorized_client, "The connection is not enabled for this client."};
  if (!connections::Passkeys::offered(tenant, *connection))
    return OAuthError{OAuthErrc::invalid_request, "Passkeys are not enabled for this connection.",
                      "Enable options.authentication_methods.passkey; the tenant's address must be a domain name."};
  return connection;
}

std::string PasskeyRequests::subject(std::string_view auth_session, const model::Client& client, const model::Connection& connection) {
  return hex_encode(crypto::sha256("auth_session\n" + client.id.str() + "\n" + connection.id.str() + "\n" + std::string(auth_session)));
}

std::vector<std::string> PasskeyRequests::origins_of(const model::Tenant& tenant, const model::Client& client) {
  std::vector<std::string> origins;
  const auto party = connections::Passkeys::party(tenant);
  if (!party) return origins;
  for (const std::vector<std::string>* list : {&client.allowed_origins, &client.web_origins})
    for (const std::string& origin : *list) {
      const std::string_view host = host_of(origin);
      if (host.empty()) continue;
      if (webauthn::RelyingParty::covers(party->id, host)) origins.push_back(origin);
    }
  const json::object* mobile = get_object(client.properties, "mobile");
  if (!mobile) return origins;
  if (const json::object* android = get_object(*mobile, "android"))
    for (const std::string& fingerprint : get_strings(*android, "sha256_cert_fingerprints"))
      if (auto origin = android_origin(fingerprint)) origins.push_back(std::move(*origin));
  if (get_object(*mobile, "ios")) origins.push_back("https://" + party->id);  // what Apple's framework says for any app of the domain
  return origins;
}

Result<connections::SignUp> sign_up_of(const json::object& profile, const json::object& metadata) {
  connections::SignUp out;
  const std::pair<std::string_view, std::optional<std::string>*> members[] = {
      {"email", &out.email},           {"username", &out.username},       {"phone_number", &out.phone_number},
      {"given_name", &out.given_name}, {"family_name", &out.family_name}, {"name", &out.name},
      {"nickname", &out.nickname},     {"picture", &out.picture}};
  for (const auto& [key, value] : profile) {
    const auto known = std::ranges::find(members, std::string_view(key), [](const auto& member) { return member.first; });
    if (known == std::end(members)) return OAuthError{OAuthErrc::invalid_request, "Unknown property of user_profile: " + std::string(key)};
    if (value.is_null()) continue;
    if (!value.is_string()) return OAuthError{OAuthErrc::invalid_request, "user_profile." + std::string(key) + " must be a string"};
    *known->second = std::string(value.get_string());
  }
  if (metadata.size() > 10) return OAuthError{OAuthErrc::invalid_request, "user_metadata has too many members"};
  for (const auto& [key, value] : metadata)
    if (!value.is_string() || value.get_string().size() > 500)
      return OAuthError{OAuthErrc::invalid_request, "user_metadata." + std::string(key) + " must be a string"};
  out.user_metadata = metadata;
  return out;
}

Result<TokenResponse> WebAuthnGrant::handle(const TokenRequest& request, const AuthenticatedClient& authenticated) const {
  const model::Client& client = *authenticated.client;
  TRY(const std::string auth_session, request.body.require("auth_session"));
  TRY(const json::object answer, answer_of(request.body));
  TRY(const auto connection, parts_.passkeys.connection(request.tenant, client, request.body));
  TRY(const AskedTokens asked, parts_.personal.asked(request, client, kType));
  const std::string subject = PasskeyRequests::subject(auth_session, client, *connection);

  sign_in::Attempt attempt{
      .tenant = &request.tenant, .client = &client, .connection = connection.get(), .event = request.event(client, "f", "")};
  attempt.event.ip = address_of_person(request, authenticated);
  const json::object* inner = get_object(answer, "response");
  if (inner && inner->contains("attestationObject")) {
    TRY(const sign_in::Authenticated who, sign_up(request, client, *connection, subject, answer, attempt));
    attempt.event.type = "s";
    attempt.event.description = "Successful login";
    return parts_.personal.finish(request, std::move(attempt), who, asked);
  }
  auto who = parts_.sign_in.with_passkey(attempt, subject, answer, PasskeyRequests::origins_of(request.tenant, client));
  if (!who && who.error().code == sign_in::SignInErrc::wrong_credentials)
    return OAuthError{OAuthErrc::invalid_grant, who.error().message}.already_logged();
  if (!who) return refused(std::move(who).error());
  attempt.identifier = who->user().known_as();
  attempt.event.type = "s";
  attempt.event.description = "Successful login";
  return parts_.personal.finish(request, std::move(attempt), *who, asked);
}

Result<sign_in::Authenticated> WebAuthnGrant::sign_up(const TokenRequest& request, const model::Client& client,
                                                      const model::Connection& connection, std::string_view subject,
                                                      const json::object& answer, sign_in::Attempt& attempt) const {
  const connections::Passkeys& passkeys = parts_.passkeys.passkeys();
  const auto made = passkeys.check_new(request.tenant, subject, answer, PasskeyRequests::origins_of(request.tenant, client));
  if (!made && made.error().code != Errc::invalid_argument) return OAuthError(made.error());
  if (!made) return OAuthError{OAuthErrc::invalid_grant, "The passkey was not accepted.", {}, made.error().detail};
  const json::object* profile = get_object(made->data, "profile");
  const json::object* metadata = get_object(made->data, "metadata");
  const std::string id(get_string(made->data, "own_id").value_or(""));
  if (!profile || id.empty()) return OAuthError{OAuthErrc::invalid_grant, "The passkey was not accepted."};
  TRY(const connections::SignUp asked, sign_up_of(*profile, metadata ? *metadata : json::object{}));
  auto user = parts_.database.check_sign_up(request.tenant, connection, &client, asked, id);
  if (!user && user.error().code == connections::DatabaseErrc::failed) return OAuthError(user.error().cause);
  if (!user) return OAuthError{OAuthErrc::invalid_request, user.error().message};
  const std::string method = passkeys.make_id();
  logs::Event event = request.event(client, "ss", "Successful sign-up");
  event.details = json::object{{"authentication_methods", json::array{"passkey"}}};
  auto created = parts_.database.sign_up_without_password(
      request.tenant, connection, &client, *user,
      [&](storage::Transaction& tx, const model::User& fresh) -> gatehouse::Result<void> {
        TRY_VOID(passkeys.keep(tx, request.tenant, fresh.id, subject, *made, method, event.user_agent));
        return {};
      },
      event);
  if (!created) {
    if (created.error().code == connections::DatabaseErrc::user_exists)
      return OAuthError{OAuthErrc::invalid_request, created.error().message}.already_logged();
    if (created.error().cause.code == Errc::invalid_argument)
      return OAuthError{OAuthErrc::invalid_grant, "The passkey was not accepted.", {}, created.error().cause.detail}.already_logged();
    return OAuthError(created.error().cause);
  }
  attempt.identifier = created->known_as();
  auto who = parts_.sign_in.after_sign_up(attempt, *created, "phr");
  if (!who) return refused(std::move(who).error());
  return std::move(*who);
}

}  // namespace gatehouse::oauth
