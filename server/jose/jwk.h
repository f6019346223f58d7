#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "base/secret_string.h"
#include "jose/algorithm.h"

namespace gatehouse::jose {

/// A public key for exactly one algorithm. Cheap to copy; immutable; usable from all threads.
class PublicKey {
 public:
  /// From a JWK (RFC 7517). Refuses private members in what should be public, `use` other than sig, `key_ops` without verify, RSA
  /// outside 2048…8192 bits or with an exponent below 65537, unknown curves and points off the curve. `algorithm` wins over the
  /// JWK's own `alg`; one of the two must be there, and the key must be of its kind. Errors: invalid_argument.
  static Result<PublicKey> from_jwk(const json::object& jwk, std::optional<Algorithm> algorithm = std::nullopt);
  /// From PEM: SubjectPublicKeyInfo or an X.509 certificate. The same refusals. Errors: invalid_argument.
  static Result<PublicKey> from_pem(std::string_view pem, Algorithm algorithm);
  /// Never throws for what a stranger sends: a signature of another length, of zeros, or out of range is just not genuine.
  [[nodiscard]] bool verify(std::string_view signing_input, std::string_view signature) const;
  [[nodiscard]] Algorithm algorithm() const;
  /// Public members only, in Auth0's order: kty, use=sig, n, e / crv, x, y, kid when given, alg.
  [[nodiscard]] json::object to_jwk(std::string_view kid = {}) const;
  [[nodiscard]] std::string thumbprint() const;  ///< RFC 7638, SHA-256, base64url
  [[nodiscard]] std::string to_pem() const;

  struct Impl;
  explicit PublicKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

/// A private key with its signing context cached per thread. Cheap to copy; usable from all threads.
class PrivateKey {
 public:
  /// RSA-2048 (e=65537), P-256/384/521, Ed25519. RSA blocks for 20 to 300 ms. A symmetric algorithm has no such key: internal.
  static Result<PrivateKey> generate(Algorithm algorithm);
  static Result<PrivateKey> from_pem(std::string_view pem, Algorithm algorithm);  ///< PKCS#8; errors: invalid_argument
  /// From a private JWK (RFC 7518 §6, RFC 8037 §2); RSA with all its CRT members. Same rules as PublicKey::from_jwk.
  static Result<PrivateKey> from_jwk(const json::object& jwk, std::optional<Algorithm> algorithm = std::nullopt);
  [[nodiscard]] SecretString to_pem() const;  ///< PKCS#8, not encrypted
  [[nodiscard]] PublicKey public_key() const;
  [[nodiscard]] Algorithm algorithm() const;
  /// The signature's bytes as JWS wants them: ECDSA is r ‖ s (RFC 7518 §3.4). RS256 takes about 270 µs of one core.
  [[nodiscard]] std::string sign(std::string_view signing_input) const;
  /// Self-signed certificate for this key (DER), for x5c and signing_keys[].cert; CN=common_name (its first 64 characters,
  /// RFC 5280's limit), valid 10 years.
  [[nodiscard]] std::string self_signed_certificate(std::string_view common_name, Timestamp from) const;

  struct Impl;
  explicit PrivateKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

/// DER to PEM certificate text, and PKCS#7 (degenerate, certificates only) PEM, as Auth0 shows them in keys and clients: lines
/// end in CR LF, the last one has no end.
std::string certificate_pem(std::string_view der);
std::string certificate_pkcs7_pem(std::string_view der);
/// The subject's common name; empty when there is none.
std::string certificate_common_name(std::string_view der);

}  // namespace gatehouse::jose
