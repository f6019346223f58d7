#include "mfa/webauthn.h"

#include "base/encoding.h"

namespace gatehouse::mfa {
namespace {

using model::AuthenticationMethod;

std::string purpose(bool enrolling) { return enrolling ? "mfa enrolment" : "mfa"; }

Error refused(std::string detail) { return {Errc::invalid_argument, "The authenticator was not accepted.", std::move(detail)}; }

}  // namespace

Result<WebAuthn::Policy> WebAuthn::policy(const model::Tenant& tenant) const {
  TRY(const auto settings, tenants_.cached_document(tenant.id, document()));
  const std::string_view id = get_bool(*settings, "overrideRelyingParty").value_or(false)
                                  ? get_string(*settings, "relyingPartyIdentifier").value_or("")
                                  : std::string_view();
  auto party = webauthn::RelyingParty::of(tenant.issuer, id);
  if (!party) return Error{Errc::invalid_argument, "WebAuthn needs a domain name and TLS."};
  webauthn::UserVerification verification = default_verification();
  const std::string_view wanted = get_string(*settings, "userVerification").value_or("");
  for (const auto one :
       {webauthn::UserVerification::required, webauthn::UserVerification::preferred, webauthn::UserVerification::discouraged})
    if (webauthn::name_of(one) == wanted) verification = one;
  return Policy{std::move(*party), verification};
}

std::string WebAuthn::subject(const Person& person) const { return std::string(type()) + " " + person.user.id.str() + " " + person.login; }

Result<void> WebAuthn::prepare(const Person& person, const EnrolmentRequest& request, Enrolment& enrolment, Timestamp) const {
  TRY_VOID(policy(person.tenant));
  enrolment.method.name = request.name;
  return {};
}

// The options are made here, but for the list of the user's authenticators.
Result<Factor::Outgoing> WebAuthn::prepare_challenge(const Person& person, const AuthenticationMethod& method, bool,
                                                     Challenge& challenge) const {
  TRY(const Policy policy, this->policy(person.tenant));
  const std::string bytes = random_.bytes(webauthn::kChallengeBytes);
  if (method.confirmed) {
    challenge.options = webauthn::RequestOptions{.party = policy.party, .challenge = bytes, .verification = policy.verification}.to_json();
  } else {
    challenge.options = webauthn::CreationOptions{.party = policy.party,
                                                  .challenge = bytes,
                                                  .user_handle = webauthn::user_handle(person.tenant.id.str(), person.user.id.str()),
                                                  .name = person.user.known_as(),
                                                  .display_name = person.user.display_name(),
                                                  .attachment = attachment(),
                                                  .verification = policy.verification}
                            .to_json();
  }
  return Outgoing{};
}

Result<void> WebAuthn::send(storage::Transaction& tx, const Person& person, const AuthenticationMethod& method, const Outgoing&,
                            bool enrolling, Challenge& challenge, Timestamp now) const {
  const json::object* party = get_object(challenge.options, "rp");
  const std::string_view rp_id = (party ? get_string(*party, "id") : get_string(challenge.options, "rpId")).value_or("");
  std::vector<webauthn::Descriptor> there;
  TRY(const std::vector<AuthenticationMethod> all,
      methods_.list(tx, person.tenant.id, person.user.id, model::AuthenticationMethodStore::Which::confirmed, now));
  for (const AuthenticationMethod& one : all)
    if (one.type == method.type && one.webauthn && one.webauthn->rp_id == rp_id)
      there.push_back({base64url_decode(one.webauthn->id).value_or(""), one.webauthn->transports});
  if (!enrolling && there.empty()) return refused("made for another relying party");
  const auto bytes = base64url_decode(get_string(challenge.options, "challenge").value_or(""));
  if (!bytes) return Error{Errc::internal, "Internal error.", "no challenge was prepared"};
  TRY_VOID(
      challenges_.issue(tx, {.tenant = person.tenant.id, .purpose = purpose(enrolling), .subject = subject(person), .bytes = *bytes}, now));
  if (!there.empty()) challenge.options[enrolling ? "excludeCredentials" : "allowCredentials"] = webauthn::descriptors(there);
  return {};
}

Result<Evidence> WebAuthn::examine(const Person& person, const AuthenticationMethod& method, const Answer& answer, Timestamp) const {
  Evidence evidence;
  TRY(const Policy policy, this->policy(person.tenant));
  // Which challenge it is for is what the browser says: settle() looks whether that one is out, for this login, and uses it up.
  const auto challenge = webauthn::challenge_of(answer.credential);
  if (!challenge) return evidence;
  const webauthn::Expectation expected{
      .party = policy.party, .challenge = *challenge, .user_verification = policy.verification == webauthn::UserVerification::required};
  evidence.data["challenge"] = base64url_encode(*challenge);
  if (!method.confirmed) {
    const auto made = webauthn::Registration::verify(expected, answer.credential);
    if (!made) return evidence;
    const webauthn::Credential& credential = made->credential();
    evidence.credential =
        model::WebAuthnCredential{.id = base64url_encode(credential.id),
                                  .public_key = base64url_encode(credential.public_key),
                                  .rp_id = made->rp_id(),
                                  .user_handle = base64url_encode(webauthn::user_handle(method.tenant.str(), method.user.str())),
                                  .aaguid = made->aaguid(),
                                  .attestation_format = made->attestation_format(),
                                  .transports = made->transports(),
                                  .backup_eligible = credential.backup_eligible,
                                  .backed_up = credential.backed_up};
    evidence.counter = credential.sign_count;
    evidence.fits = true;
    return evidence;
  }
  if (!method.webauthn) return evidence;
  const auto id = base64url_decode(method.webauthn->id), key = base64url_decode(method.webauthn->public_key),
             handle = base64url_decode(method.webauthn->user_handle);
  if (!id || !key || !handle) return Error{Errc::internal, "A stored credential does not parse.", method.id};
  const webauthn::Credential credential{*id, *key, static_cast<uint32_t>(method.counter), method.webauthn->backup_eligible,
                                        method.webauthn->backed_up};
  const auto assertion = webauthn::Assertion::verify(expected, credential, *handle, false, answer.credential);
  if (!assertion) return evidence;
  evidence.counter = assertion->sign_count();
  evidence.credential = method.webauthn;
  evidence.credential->backed_up = assertion->backed_up();
  evidence.fits = true;
  return evidence;
}

Result<Outcome> WebAuthn::settle(storage::Transaction& tx, const Person& person, AuthenticationMethod& method, const Evidence& evidence,
                                 const Answer&, Timestamp now) const {
  const auto challenge = base64url_decode(get_string(evidence.data, "challenge").value_or(""));
  if (!evidence.fits || !evidence.credential || !challenge) return Outcome::wrong;
  TRY(const bool first, challenges_.redeem(tx, person.tenant.id, purpose(!method.confirmed), subject(person), *challenge, now));
  if (!first) return Outcome::wrong;
  if (!method.confirmed) {
    // An authenticator that is registered already must not stand for two.
    TRY(const auto known, methods_.find_by_credential(tx, person.tenant.id, evidence.credential->id, now));
    if (known) return Outcome::wrong;
  }
  const bool changed = !method.webauthn || method.webauthn->backed_up != evidence.credential->backed_up;
  method.webauthn = evidence.credential;
  if (changed) {
    TRY(const bool stored, methods_.update(tx, method));
    if (!stored) return Outcome::wrong;
  }
  TRY(const bool grown, methods_.advance(tx, person.tenant.id, method.id, evidence.counter, now));
  return grown ? Outcome::right : Outcome::wrong;
}

}  // namespace gatehouse::mfa
