#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/secret_string.h"
#include "jose/jwk.h"

namespace gatehouse::model {

enum class KeyState { next, current, previous, revoked };
std::string_view to_string(KeyState state);

/// What a shared secret is for. Each is a key of its own, so that nothing made with one passes for the other.
enum class SecretPurpose { opaque_access_token, refresh_token };
std::string_view to_string(SecretPurpose purpose);

/// A signing key as an administrator sees it.
struct SigningKeyRecord {
  std::string kid;
  jose::Algorithm algorithm = jose::Algorithm::RS256;
  KeyState state = KeyState::next;
  std::string certificate;  ///< DER
  Timestamp created_at{};
  std::optional<Timestamp> current_since;
  std::optional<Timestamp> current_until;
  std::optional<Timestamp> revoked_at;

  /// The object of GET /api/v2/keys/signing.
  [[nodiscard]] json::object to_json() const;
};

/// A key pair that signs: the current one of its algorithm.
struct SigningKey {
  std::string kid;
  jose::PrivateKey key;
  std::string certificate;  ///< DER
};

/// A public key that verifies: current, next or previous.
struct VerificationKey {
  std::string kid;
  KeyState state;
  jose::PublicKey key;
  std::string certificate;  ///< DER
  /// As in /.well-known/jwks.json, with x5t (RFC 7517 §4.8) and x5c.
  [[nodiscard]] json::object to_jwk() const;
};

/// A shared secret of 32 bytes.
struct SymmetricKey {
  std::string kid;
  SecretPurpose purpose;
  KeyState state;
  SecretString bytes;
};

/// SHA-1 of a certificate: upper-case hex digits in pairs with colons, and without.
std::string certificate_fingerprint(std::string_view der);
std::string certificate_thumbprint(std::string_view der);

}  // namespace gatehouse::model
