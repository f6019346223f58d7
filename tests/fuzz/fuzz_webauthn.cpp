// What authenticators and browsers send: the attestation object, the authenticator's data, the client data, a COSE key, CBOR at large.
#include "base/encoding.h"
#include "webauthn/authenticator_data.h"
#include "webauthn/cbor.h"
#include "webauthn/client_data.h"
#include "webauthn/signature.h"
#include "webauthn/webauthn.h"

using namespace gatehouse;
using namespace gatehouse::webauthn;

namespace {

void require(bool condition) {
  if (!condition) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  static const RelyingParty party{"login.example.com", "login.example.com", {"https://login.example.com"}};
  const std::string challenge(32, 'c');

  CborReader reader(text);
  if (reader.skip()) require(reader.position() <= size);

  std::string data(text);
  if (const auto object = AttestationObject::parse(text)) {
    require(object->authenticator_data.size() <= size);
    data = object->authenticator_data;
  }
  std::string key(text);
  if (const auto parsed = AuthenticatorData::parse(data)) {
    require(parsed->rp_id_hash.size() == 32);
    require(!parsed->backed_up || parsed->backup_eligible);
    if (parsed->attested) {
      require(!parsed->attested->credential_id.empty() && parsed->attested->credential_id.size() <= kMaxCredentialId);
      key = parsed->attested->public_key;
    }
  }
  if (check_public_key(key)) {
    const auto genuine = verify_signature(key, party.id, data, std::string(32, 'h'), text);
    require(!genuine || !*genuine);
  }
  if (const auto client = ClientData::parse(text)) require(client->challenge.size() >= 16);

  // The whole of an answer: the input once as the attestation, once as what was signed.
  const std::string encoded = base64url_encode(text);
  const std::string client = base64url_encode(R"({"type":"webauthn.create","challenge":")" + base64url_encode(challenge) +
                                              R"(","origin":"https://login.example.com"})");
  json::object response{{"id", "AAEC"}, {"response", json::object{{"clientDataJSON", client}, {"attestationObject", encoded}}}};
  (void)Registration::verify({party, challenge}, response);
  response["response"] = json::object{{"clientDataJSON", encoded}, {"authenticatorData", encoded}, {"signature", encoded}};
  require(!Assertion::verify({party, challenge}, {.id = std::string("\0\1\2", 3), .public_key = key}, "handle", false, response).ok());
  if (const auto parsed = parse_json(text); parsed && parsed->is_object()) {
    (void)challenge_of(parsed->get_object());
    (void)Registration::verify({party, challenge}, parsed->get_object());
  }
  return 0;
}
