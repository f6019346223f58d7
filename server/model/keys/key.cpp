#include "model/keys/key.h"

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::model {

std::string_view to_string(KeyState state) {
  switch (state) {
    case KeyState::next:
      return "next";
    case KeyState::current:
      return "current";
    case KeyState::previous:
      return "previous";
    case KeyState::revoked:
      return "revoked";
  }
  return {};
}

std::string_view to_string(SecretPurpose purpose) {
  switch (purpose) {
    case SecretPurpose::opaque_access_token:
      return "opaque_access_token";
    case SecretPurpose::refresh_token:
      return "refresh_token";
  }
  return {};
}

std::string certificate_thumbprint(std::string_view der) {
  std::string digits = hex_encode(crypto::sha1(der));
  for (char& c : digits) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  return digits;
}

std::string certificate_fingerprint(std::string_view der) {
  const std::string digits = certificate_thumbprint(der);
  std::string pairs;
  for (size_t at = 0; at < digits.size(); at += 2) pairs += (at ? ":" : "") + digits.substr(at, 2);
  return pairs;
}

json::object SigningKeyRecord::to_json() const {
  json::object object;
  object["kid"] = kid;
  object["cert"] = jose::certificate_pem(certificate);
  object["pkcs7"] = jose::certificate_pkcs7_pem(certificate);
  object["current"] = state == KeyState::current;
  object["next"] = state == KeyState::next;
  object["previous"] = state == KeyState::previous;
  if (current_since) object["current_since"] = to_iso8601(*current_since);
  if (current_until) object["current_until"] = to_iso8601(*current_until);
  object["fingerprint"] = certificate_fingerprint(certificate);
  object["thumbprint"] = certificate_thumbprint(certificate);
  object["revoked"] = state == KeyState::revoked;
  if (revoked_at) object["revoked_at"] = to_iso8601(*revoked_at);
  return object;
}

json::object VerificationKey::to_jwk() const {
  json::object jwk = key.to_jwk(kid);
  jwk.erase("alg");  // Auth0 has it last
  jwk["x5t"] = base64url_encode(crypto::sha1(certificate));
  jwk["x5c"] = json::array{base64_encode(certificate)};
  jwk["alg"] = jose::to_string(key.algorithm());
  return jwk;
}

}  // namespace gatehouse::model
