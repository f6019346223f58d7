#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "base/secret_string.h"

namespace gatehouse::jose {

/// JWA signature algorithms (RFC 7518 §3.1, RFC 8037). `none` does not exist here.
enum class Algorithm { RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, HS256, HS384, HS512 };
std::string_view to_string(Algorithm algorithm);
std::optional<Algorithm> parse_algorithm(std::string_view name);
bool is_symmetric(Algorithm algorithm);

/// A public key for exactly one algorithm. Cheap to copy; immutable; usable from all threads.
class PublicKey {
 public:
  /// From a JWK (RFC 7517). Refuses private members in what should be public, RSA below 2048 bits, unknown curves. `algorithm`
  /// wins over the JWK's own `alg`; one of the two must be there. Errors: invalid_argument.
  static Result<PublicKey> from_jwk(const json::object& jwk, std::optional<Algorithm> algorithm = std::nullopt);
  /// From PEM: SubjectPublicKeyInfo or an X.509 certificate.
  static Result<PublicKey> from_pem(std::string_view pem, Algorithm algorithm);
  [[nodiscard]] bool verify(std::string_view signing_input, std::string_view signature) const;
  [[nodiscard]] Algorithm algorithm() const;
  /// Public members only: kty, n, e / crv, x, y, and alg, use=sig; kid when given.
  [[nodiscard]] json::object to_jwk(std::string_view kid = {}) const;
  [[nodiscard]] std::string thumbprint() const;  ///< RFC 7638, SHA-256, base64url
  [[nodiscard]] std::string to_pem() const;

  struct Impl;
  explicit PublicKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

/// A private key with its signing context cached per thread. Cheap to copy.
class PrivateKey {
 public:
  static Result<PrivateKey> generate(Algorithm algorithm);  ///< RSA-2048 (e=65537), P-256/384/521, Ed25519
  static Result<PrivateKey> from_pem(std::string_view pem, Algorithm algorithm);  ///< PKCS#8
  [[nodiscard]] SecretString to_pem() const;
  [[nodiscard]] PublicKey public_key() const;
  [[nodiscard]] Algorithm algorithm() const;
  [[nodiscard]] std::string sign(std::string_view signing_input) const;
  /// Self-signed certificate for this key (DER), for x5c and signing_keys[].cert; CN=common_name, valid 10 years.
  [[nodiscard]] std::string self_signed_certificate(std::string_view common_name, Timestamp from) const;

  struct Impl;
  explicit PrivateKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

/// DER to PEM certificate text, and PKCS#7 (degenerate, certificates only) PEM as Auth0 shows in keys and clients.
std::string certificate_pem(std::string_view der);
std::string certificate_pkcs7_pem(std::string_view der);

}  // namespace gatehouse::jose
