#include "webauthn/authenticator_data.h"

#include "webauthn/cbor.h"

namespace gatehouse::webauthn {
namespace {

constexpr size_t kHead = 37;  // rpIdHash, flags, signCount
constexpr size_t kMaxAttestationObject = 32 * 1024;

constexpr uint8_t kUserPresent = 0x01, kUserVerified = 0x04, kBackupEligible = 0x08, kBackedUp = 0x10, kAttested = 0x40, kExtensions = 0x80;

Error malformed(std::string detail) { return {Errc::invalid_argument, "The authenticator's data does not parse.", std::move(detail)}; }

}  // namespace

Result<AuthenticatorData> AuthenticatorData::parse(std::string_view bytes) {
  if (bytes.size() < kHead || bytes.size() > kMaxAuthenticatorData) return malformed("length");
  AuthenticatorData data;
  data.rp_id_hash = bytes.substr(0, 32);
  const auto flags = static_cast<uint8_t>(bytes[32]);
  data.user_present = flags & kUserPresent;
  data.user_verified = flags & kUserVerified;
  data.backup_eligible = flags & kBackupEligible;
  data.backed_up = flags & kBackedUp;
  if (data.backed_up && !data.backup_eligible) return malformed("backed up, but not eligible (§6.1.3)");
  for (size_t i = 33; i < kHead; ++i) data.sign_count = data.sign_count << 8 | static_cast<uint8_t>(bytes[i]);
  std::string_view rest = bytes.substr(kHead);

  if (flags & kAttested) {
    if (rest.size() < 18) return malformed("attested credential data");
    Attested attested;
    attested.aaguid = rest.substr(0, 16);
    const size_t length = static_cast<size_t>(static_cast<uint8_t>(rest[16])) << 8 | static_cast<uint8_t>(rest[17]);
    rest.remove_prefix(18);
    if (length == 0 || length > kMaxCredentialId || length > rest.size()) return malformed("length of the credential's id");
    attested.credential_id = rest.substr(0, length);
    rest.remove_prefix(length);
    CborReader key(rest);
    if (key.next() != CborReader::Kind::map || !key.skip(1)) return malformed("public key");
    attested.public_key = rest.substr(0, key.position());
    rest.remove_prefix(key.position());
    data.attested = std::move(attested);
  }
  if (flags & kExtensions) {
    CborReader extensions(rest);
    if (extensions.next() != CborReader::Kind::map || !extensions.skip()) return malformed("extensions");
    rest.remove_prefix(extensions.position());
  }
  if (!rest.empty()) return malformed("trailing bytes");
  return data;
}

Result<AttestationObject> AttestationObject::parse(std::string_view bytes) {
  if (bytes.size() > kMaxAttestationObject) return malformed("the attestation is too large");
  CborReader reader(bytes);
  const auto pairs = reader.map();
  if (!pairs || *pairs != 3) return malformed("attestation object");
  std::optional<std::string_view> format, data;
  bool statement = false;
  for (uint64_t i = 0; i < *pairs; ++i) {
    const auto name = reader.text();
    if (!name) return malformed("attestation object: name");
    if (*name == "fmt" && !format) {
      format = reader.text();
    } else if (*name == "authData" && !data) {
      data = reader.bytes();
    } else if (*name == "attStmt" && !statement) {
      statement = reader.next() == CborReader::Kind::map && reader.skip();
    } else {
      return malformed("attestation object: a member that is unknown or there twice");
    }
  }
  if (!reader.done() || !format || !data || !statement || format->size() > 32) return malformed("attestation object");
  return AttestationObject{std::string(*format), std::string(*data)};
}

}  // namespace gatehouse::webauthn
