#pragma once
#include "jose/jwk.h"
#include "jose/openssl.h"

// What jwk.cpp, key.cpp and certificates.cpp share; others include jwk.h.
namespace gatehouse::jose {

struct PublicKey::Impl {
  Algorithm algorithm;
  Owned<evp_pkey_st> key;
};

struct PrivateKey::Impl {
  Algorithm algorithm;
  Owned<evp_pkey_st> key;
  PublicKey public_key;
  uint64_t number;  ///< names this key in the threads' caches of signing contexts; never used twice in a process
};

/// Why this key cannot serve this algorithm (kind, curve, size, exponent); nothing when it can.
std::optional<Error> unfit(const evp_pkey_st* key, Algorithm algorithm);
Result<PublicKey> make_public_key(Owned<evp_pkey_st> key, Algorithm algorithm);
Result<PrivateKey> make_private_key(Owned<evp_pkey_st> key, Algorithm algorithm);

/// ECDSA signatures: ASN.1 as OpenSSL speaks it, r ‖ s as JWS does (RFC 7518 §3.4).
std::string ecdsa_der_to_raw(std::string_view der, size_t coordinate_size);
/// Nothing when the size is wrong or r or s is zero (CVE-2022-21449).
std::optional<std::string> ecdsa_raw_to_der(std::string_view raw, size_t coordinate_size);

}  // namespace gatehouse::jose
