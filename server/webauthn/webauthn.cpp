#include "webauthn/webauthn.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/crypto.h"
#include "webauthn/authenticator_data.h"
#include "webauthn/client_data.h"

namespace gatehouse::webauthn {
namespace {

constexpr size_t kMaxEncoded = 48 * 1024;  // characters of any member of an answer
constexpr size_t kMaxSignature = 1024;

Error refused(std::string detail) { return {Errc::invalid_argument, "The answer of the authenticator was refused.", std::move(detail)}; }

std::optional<std::string> bytes_of(const json::object& object, std::string_view member) {
  const auto text = get_string(object, member);
  return text && text->size() <= kMaxEncoded ? base64url_decode(*text) : std::nullopt;
}

const json::object* inner(const json::object& response) { return get_object(response, "response"); }

struct Checked {
  std::string client_data_hash;
};

/// The steps that §7.1 and §7.2 share: type, challenge, origin; then hash the text that was signed.
Result<Checked> check_client_data(const Expectation& expected, const json::object& response, std::string_view type) {
  if (get_string(response, "type").value_or("public-key") != "public-key") return refused("type of the credential");
  const json::object* answer = inner(response);
  const auto text = answer ? bytes_of(*answer, "clientDataJSON") : std::nullopt;
  if (!text) return refused("clientDataJSON");
  TRY(const ClientData data, ClientData::parse(*text));
  if (data.type != type) return refused("type " + data.type);
  if (expected.challenge.size() < 16 || !crypto::constant_time_equal(data.challenge, expected.challenge))
    return refused("another challenge");
  if (std::ranges::find(expected.party.origins, data.origin) == expected.party.origins.end()) return refused("origin " + data.origin);
  // Our pages are never shown in frames of other sites: who is asked there is being deceived.
  if (data.cross_origin) return refused("in a frame of another site");
  return Checked{crypto::sha256(*text)};
}

Result<void> check_flags(const Expectation& expected, const AuthenticatorData& data) {
  if (!crypto::constant_time_equal(data.rp_id_hash, crypto::sha256(expected.party.id))) return refused("another relying party");
  if (!data.user_present) return refused("the user was not there");
  if (expected.user_verification && !data.user_verified) return refused("the user was not verified");
  return {};
}

std::string attachment_of(const json::object& response) {
  const std::string_view told = get_string(response, "authenticatorAttachment").value_or("");
  return told == "platform" || told == "cross-platform" ? std::string(told) : std::string();
}

std::string uuid_text(std::string_view bytes) {
  std::string text = hex_encode(bytes);
  for (const size_t at : {20, 16, 12, 8}) text.insert(at, "-");
  return text;
}

bool is_ip_address(std::string_view host) {
  return host.starts_with('[') || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

bool RelyingParty::covers(std::string_view id, std::string_view host) {
  if (id == host) return true;
  return id.find('.') != std::string_view::npos && !id.starts_with('.') && host.size() > id.size() + 1 && host.ends_with(id) &&
         host[host.size() - id.size() - 1] == '.';
}

std::optional<RelyingParty> RelyingParty::of(std::string_view issuer, std::string_view id) {
  while (issuer.ends_with('/')) issuer.remove_suffix(1);
  const size_t scheme = issuer.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  std::string_view host = issuer.substr(scheme + 3);
  if (const size_t port = host.rfind(':'); port != std::string_view::npos && host.find(']', port) == std::string_view::npos)
    host = host.substr(0, port);
  if (host.empty() || is_ip_address(host)) return std::nullopt;
  const bool this_machine = host == "localhost" || host.ends_with(".localhost");
  if (issuer.substr(0, scheme) != "https" && !this_machine) return std::nullopt;
  const std::string_view chosen = !id.empty() && covers(id, host) ? id : host;
  return RelyingParty{std::string(chosen), std::string(chosen), {std::string(issuer)}};
}

Result<std::string> challenge_of(const json::object& response) {
  const json::object* answer = inner(response);
  const auto text = answer ? bytes_of(*answer, "clientDataJSON") : std::nullopt;
  if (!text) return refused("clientDataJSON");
  TRY(ClientData data, ClientData::parse(*text));
  return std::move(data.challenge);
}

Result<std::string> credential_id_of(const json::object& response) {
  const auto id = bytes_of(response, "id");
  if (!id || id->empty() || id->size() > kMaxCredentialId) return refused("id");
  if (response.contains("rawId") && bytes_of(response, "rawId") != id) return refused("rawId differs from id");
  return *id;
}

Result<Registration> Registration::verify(const Expectation& expected, const json::object& response) {
  TRY(const std::string id, credential_id_of(response));
  TRY_VOID(check_client_data(expected, response, "webauthn.create"));
  const auto attestation = bytes_of(*inner(response), "attestationObject");
  if (!attestation) return refused("attestationObject");
  TRY(const AttestationObject object, AttestationObject::parse(*attestation));
  TRY(const AuthenticatorData data, AuthenticatorData::parse(object.authenticator_data));
  TRY_VOID(check_flags(expected, data));
  if (!data.attested || data.attested->credential_id != id) return refused("no credential, or another one than the browser says");
  TRY_VOID(check_public_key(data.attested->public_key));

  Registration made;
  made.credential_ = {id, data.attested->public_key, data.sign_count, data.backup_eligible, data.backed_up};
  made.rp_id_ = expected.party.id;
  made.aaguid_ = uuid_text(data.attested->aaguid);
  made.attestation_format_ = object.format;
  made.user_verified_ = data.user_verified;
  made.attachment_ = attachment_of(response);
  made.challenge_ = expected.challenge;
  constexpr std::string_view known[] = {"usb", "nfc", "ble", "smart-card", "hybrid", "internal"};
  for (const std::string& transport : get_strings(*inner(response), "transports"))
    if (std::ranges::find(known, transport) != std::end(known) && std::ranges::find(made.transports_, transport) == made.transports_.end())
      made.transports_.push_back(transport);
  return made;
}

Result<Assertion> Assertion::verify(const Expectation& expected, const Credential& credential, std::string_view user_handle,
                                    bool must_name_user, const json::object& response) {
  TRY(const std::string id, credential_id_of(response));
  if (id != credential.id) return refused("another credential");
  TRY(const Checked checked, check_client_data(expected, response, "webauthn.get"));
  const json::object& answer = *inner(response);
  const auto handle = bytes_of(answer, "userHandle");
  const json::value* said = answer.if_contains("userHandle");
  const bool silent = !said || said->is_null() || (said->is_string() && said->get_string().empty());
  if (silent ? must_name_user : !handle || *handle != user_handle) return refused("user handle");
  const auto raw = bytes_of(answer, "authenticatorData");
  const auto signature = bytes_of(answer, "signature");
  if (!raw || !signature || signature->empty() || signature->size() > kMaxSignature) return refused("authenticatorData or signature");
  TRY(const AuthenticatorData data, AuthenticatorData::parse(*raw));
  TRY_VOID(check_flags(expected, data));
  if (data.attested) return refused("a new credential instead of an assertion");
  if (data.backup_eligible != credential.backup_eligible) return refused("backup eligibility changed (§7.2 step 18)");
  TRY(const bool genuine, verify_signature(credential.public_key, expected.party.id, *raw, checked.client_data_hash, *signature));
  if (!genuine) return refused("signature");
  // Zero at both ends: an authenticator that does not count.
  if ((data.sign_count || credential.sign_count) && data.sign_count <= credential.sign_count)
    return refused("the signature counter did not grow: a copied credential?");

  Assertion made;
  made.credential_id_ = id;
  made.sign_count_ = data.sign_count;
  made.previous_sign_count_ = credential.sign_count;
  made.user_verified_ = data.user_verified;
  made.backed_up_ = data.backed_up;
  made.attachment_ = attachment_of(response);
  made.challenge_ = expected.challenge;
  return made;
}

}  // namespace gatehouse::webauthn
