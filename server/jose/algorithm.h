#pragma once
#include <optional>
#include <string_view>

#include "crypto/crypto.h"

namespace gatehouse::jose {

/// JWA signature algorithms (RFC 7518 §3.1, RFC 8037). `none` does not exist here.
enum class Algorithm { RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, HS256, HS384, HS512 };

std::string_view to_string(Algorithm algorithm);
std::optional<Algorithm> parse_algorithm(std::string_view name);  ///< exact spelling only
bool is_symmetric(Algorithm algorithm);

/// How an algorithm signs.
enum class Scheme { rsa_pkcs1, rsa_pss, ecdsa, eddsa, hmac };

struct AlgorithmInfo {
  std::string_view name;
  Scheme scheme;
  crypto::Digest digest;       ///< meaningless for eddsa
  std::string_view curve{};    ///< JWK's `crv`, for ecdsa and eddsa
  std::string_view group{};    ///< OpenSSL's name of it
  size_t coordinate_size = 0;  ///< bytes of r, s, x and y (RFC 7518 §3.4), of the Ed25519 public key (RFC 8037 §2)
};
const AlgorithmInfo& info(Algorithm algorithm);

}  // namespace gatehouse::jose
