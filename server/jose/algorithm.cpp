#include "jose/algorithm.h"

namespace gatehouse::jose {
namespace {

using crypto::Digest;

// In the order of the enum.
constexpr std::array<AlgorithmInfo, 13> algorithms{{
    {"RS256", Scheme::rsa_pkcs1, Digest::sha256},
    {"RS384", Scheme::rsa_pkcs1, Digest::sha384},
    {"RS512", Scheme::rsa_pkcs1, Digest::sha512},
    {"PS256", Scheme::rsa_pss, Digest::sha256},
    {"PS384", Scheme::rsa_pss, Digest::sha384},
    {"PS512", Scheme::rsa_pss, Digest::sha512},
    {"ES256", Scheme::ecdsa, Digest::sha256, "P-256", "prime256v1", 32},
    {"ES384", Scheme::ecdsa, Digest::sha384, "P-384", "secp384r1", 48},
    {"ES512", Scheme::ecdsa, Digest::sha512, "P-521", "secp521r1", 66},
    {"EdDSA", Scheme::eddsa, Digest::sha512, "Ed25519", "ED25519", 32},
    {"HS256", Scheme::hmac, Digest::sha256},
    {"HS384", Scheme::hmac, Digest::sha384},
    {"HS512", Scheme::hmac, Digest::sha512},
}};

}  // namespace

const AlgorithmInfo& info(Algorithm algorithm) { return algorithms.at(static_cast<size_t>(algorithm)); }

std::string_view to_string(Algorithm algorithm) { return info(algorithm).name; }

std::optional<Algorithm> parse_algorithm(std::string_view name) {
  for (size_t i = 0; i < algorithms.size(); ++i) {
    if (algorithms.at(i).name == name) return static_cast<Algorithm>(i);
  }
  return std::nullopt;
}

bool is_symmetric(Algorithm algorithm) { return info(algorithm).scheme == Scheme::hmac; }

}  // namespace gatehouse::jose
