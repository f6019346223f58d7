#include "connections/database/passkeys.h"

#include "base/encoding.h"

namespace gatehouse::connections {
namespace {

using model::AuthenticationMethod;

constexpr std::string_view kSignIn = "passkey", kCreation = "passkey creation";

Error no_party() { return {Errc::not_found, "Passkeys need a domain name and TLS."}; }
Error used_up() {
  return {Errc::invalid_argument, "This request is too old or was answered already.", "challenge unknown, used or expired"};
}
Error too_many() { return {Errc::invalid_argument, "The user has as many passkeys as an account can have.", "max_allowed_reached"}; }

}  // namespace

std::optional<webauthn::RelyingParty> Passkeys::party(const model::Tenant& tenant, std::vector<std::string> more_origins) {
  std::optional<webauthn::RelyingParty> found = webauthn::RelyingParty::of(tenant.issuer);
  if (found)
    for (std::string& origin : more_origins) found->origins.push_back(std::move(origin));
  return found;
}

bool Passkeys::offered(const model::Tenant& tenant, const model::Connection& connection) {
  return connection.is_database() && connection.passkeys().enabled && party(tenant).has_value();
}

Result<json::object> Passkeys::ask(const model::Tenant& tenant, std::string_view subject) const {
  const auto party = Passkeys::party(tenant);
  if (!party) return no_party();
  const std::string bytes = parts_.random.bytes(webauthn::kChallengeBytes);
  const Timestamp now = parts_.clock.now();
  TRY_VOID(parts_.db.write_unsynced([&](storage::Transaction& tx) {
    return challenges_.issue(tx, {.tenant = tenant.id, .purpose = std::string(kSignIn), .subject = std::string(subject), .bytes = bytes},
                             now);
  }));
  return webauthn::RequestOptions{.party = *party, .challenge = bytes}.to_json();
}

Result<std::optional<Passkeys::Claim>> Passkeys::claim(const model::Tenant& tenant, const model::Connection& connection,
                                                       const json::object& response) const {
  TRY(const std::string id, webauthn::credential_id_of(response));
  return parts_.db.read([&](storage::Reader& reader) -> Result<std::optional<Claim>> {
    TRY(std::optional<AuthenticationMethod> method,
        methods_.find_by_credential(reader, tenant.id, base64url_encode(id), parts_.clock.now()));
    if (!method || !method->confirmed || method->type != model::method_type::kPasskey || !method->webauthn) return std::optional<Claim>{};
    TRY(std::optional<model::User> user, parts_.users.find(reader, tenant.id, method->user));
    if (!user || !user->identity_in(connection.name)) return std::optional<Claim>{};
    return std::optional<Claim>(Claim{std::move(*method), std::move(*user)});
  });
}

Result<PasskeyProof> Passkeys::prove(const model::Tenant& tenant, const Claim& claim, std::string_view subject,
                                     const json::object& response, const std::vector<std::string>& more_origins, const Also& also) const {
  const auto party = Passkeys::party(tenant, more_origins);
  if (!party) return no_party();
  const model::WebAuthnCredential& kept = *claim.method.webauthn;
  const auto id = base64url_decode(kept.id), key = base64url_decode(kept.public_key), handle = base64url_decode(kept.user_handle);
  if (!id || !key || !handle) return Error{Errc::internal, "A stored passkey does not parse.", claim.method.id};
  TRY(const std::string challenge, webauthn::challenge_of(response));
  const Timestamp now = parts_.clock.now();
  TRY(const auto asked, parts_.db.read([&](storage::Reader& reader) {
    return challenges_.outstanding(reader, tenant.id, kSignIn, subject, challenge, now);
  }));
  if (!asked) return used_up();
  // One that an administrator registered may come without its user handle: then its id alone says whose it is.
  std::string owner = *handle;
  if (const json::object* inner = get_object(response, "response"); inner && owner.empty())
    owner = base64url_decode(get_string(*inner, "userHandle").value_or("")).value_or("");
  const webauthn::Credential credential{*id, *key, static_cast<uint32_t>(claim.method.counter), kept.backup_eligible, kept.backed_up};
  TRY(const webauthn::Assertion assertion,
      webauthn::Assertion::verify({.party = *party, .challenge = challenge}, credential, owner, !handle->empty(), response));

  TRY_VOID(parts_.db.write([&](storage::Transaction& tx) -> Result<void> {
    TRY(const bool first, challenges_.redeem(tx, tenant.id, kSignIn, subject, challenge, now));
    if (!first) return used_up();
    // Compares again: of two answers at once that both looked newer, one is.
    TRY(const bool grown, methods_.advance(tx, tenant.id, claim.method.id, assertion.sign_count(), now));
    if (!grown) return Error{Errc::invalid_argument, "The passkey is gone, or was used elsewhere.", "gone, or the counter did not grow"};
    if (assertion.backed_up() != kept.backed_up) {
      TRY(std::optional<AuthenticationMethod> fresh, methods_.find(tx, tenant.id, claim.method.id, now));
      if (fresh && fresh->webauthn) {
        fresh->webauthn->backed_up = assertion.backed_up();
        TRY_VOID(methods_.update(tx, *fresh));
      }
    }
    return also ? also(tx) : Result<void>{};
  }));
  return PasskeyProof(claim.user, claim.method.id, assertion.user_verified());
}

Passkeys::Owner Passkeys::Owner::of(const model::User& user) {
  return {user.id,
          user.email      ? *user.email
          : user.username ? *user.username
                          : user.phone_number.value_or(user.display_name()),
          user.display_name()};
}

Result<json::object> Passkeys::ask_new(const model::Tenant& tenant, const Owner& owner, std::string_view subject, json::object data) const {
  const auto party = Passkeys::party(tenant);
  if (!party) return no_party();
  TRY(const std::vector<AuthenticationMethod> there,
      parts_.db.read([&](storage::Reader& reader) { return list(reader, tenant.id, owner.user); }));
  if (there.size() >= kMaxPasskeys) return too_many();
  std::vector<webauthn::Descriptor> exclude;
  for (const AuthenticationMethod& method : there)
    if (method.webauthn->rp_id == party->id)
      exclude.push_back({base64url_decode(method.webauthn->id).value_or(""), method.webauthn->transports});
  const std::string bytes = parts_.random.bytes(webauthn::kChallengeBytes);
  const Timestamp now = parts_.clock.now();
  data["user"] = owner.user.str();
  TRY_VOID(parts_.db.write_unsynced([&](storage::Transaction& tx) {
    return challenges_.issue(
        tx, {.tenant = tenant.id, .purpose = std::string(kCreation), .subject = std::string(subject), .bytes = bytes, .data = data}, now);
  }));
  return webauthn::CreationOptions{.party = *party,
                                   .challenge = bytes,
                                   .user_handle = webauthn::user_handle(tenant.id.str(), owner.user.str()),
                                   .name = owner.name,
                                   .display_name = owner.display_name,
                                   .resident = true,
                                   .exclude = std::move(exclude)}
      .to_json();
}

Result<Passkeys::Made> Passkeys::check_new(const model::Tenant& tenant, std::string_view subject, const json::object& response,
                                           const std::vector<std::string>& more_origins) const {
  const auto party = Passkeys::party(tenant, more_origins);
  if (!party) return no_party();
  TRY(const std::string challenge, webauthn::challenge_of(response));
  TRY(std::optional<json::object> asked, parts_.db.read([&](storage::Reader& reader) {
    return challenges_.outstanding(reader, tenant.id, kCreation, subject, challenge, parts_.clock.now());
  }));
  if (!asked) return used_up();
  TRY(webauthn::Registration made, webauthn::Registration::verify({.party = *party, .challenge = challenge}, response));
  return Made{std::move(made), std::move(*asked)};
}

Result<AuthenticationMethod> Passkeys::keep(storage::Transaction& tx, const model::Tenant& tenant, const UserId& user,
                                            std::string_view subject, const Made& made, std::string_view method_id,
                                            std::string_view user_agent) const {
  // The user handle in the authenticator is that of the user the challenge was made for: nobody else's account may get the passkey.
  if (get_string(made.data, "user") != user.str()) return used_up();
  const Timestamp now = parts_.clock.now();
  const webauthn::Registration& registration = made.registration;
  TRY(const bool first, challenges_.redeem(tx, tenant.id, kCreation, subject, registration.challenge(), now));
  if (!first) return used_up();
  TRY(const std::vector<AuthenticationMethod> there, list(tx, tenant.id, user));
  if (there.size() >= kMaxPasskeys) return too_many();
  AuthenticationMethod method{.id = std::string(method_id),
                              .tenant = tenant.id,
                              .user = user,
                              .type = std::string(model::method_type::kPasskey),
                              .confirmed = true};
  const webauthn::Credential& credential = registration.credential();
  method.webauthn = model::WebAuthnCredential{.id = base64url_encode(credential.id),
                                              .public_key = base64url_encode(credential.public_key),
                                              .rp_id = registration.rp_id(),
                                              .user_handle = base64url_encode(webauthn::user_handle(tenant.id.str(), user.str())),
                                              .aaguid = registration.aaguid(),
                                              .attestation_format = registration.attestation_format(),
                                              .transports = registration.transports(),
                                              .backup_eligible = credential.backup_eligible,
                                              .backed_up = credential.backed_up};
  method.counter = credential.sign_count;
  const std::string& id = user.str();
  method.data = json::object{{"user_agent", user_agent.substr(0, 512)}, {"identity_user_id", id.substr(id.find('|') + 1)}};
  method.created_at = now;
  method.enrolled_at = now;
  TRY_VOID(methods_.insert(tx, method));
  return method;
}

std::string Passkeys::make_id() const { return model::AuthenticationMethodStore::make_id(model::method_type::kPasskey, parts_.random); }

Result<std::vector<AuthenticationMethod>> Passkeys::list(storage::Reader& reader, const TenantId& tenant, const UserId& user) const {
  TRY(std::vector<AuthenticationMethod> all,
      methods_.list(reader, tenant, user, model::AuthenticationMethodStore::Which::confirmed, parts_.clock.now()));
  std::erase_if(all, [](const AuthenticationMethod& method) { return method.type != model::method_type::kPasskey || !method.webauthn; });
  return all;
}

}  // namespace gatehouse::connections
