#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "jose/jwk.h"

namespace gatehouse::jose {

/// Compact JWS (RFC 7515 §3.1) of a claims set: header {"alg","typ","kid"} in that order. `typ` is left out when empty, `kid` too.
std::string sign_jwt(const PrivateKey& key, std::string_view kid, std::string_view typ, const json::object& claims);
std::string sign_jwt_hs(Algorithm algorithm, std::string_view secret, std::string_view typ, const json::object& claims);
/// The same of claims that are a JSON object's text already.
std::string sign_jwt_text(const PrivateKey& key, std::string_view kid, std::string_view typ, std::string_view claims);
std::string sign_jwt_hs_text(Algorithm algorithm, std::string_view secret, std::string_view typ, std::string_view claims);

/// A JWT taken apart, its signature not yet checked. Refuses anything but three non-empty parts, headers over 4 kB, `crit`, and
/// algorithms that are not strings (RFC 8725).
struct ParsedJwt {
  json::object header;
  json::object claims;
  std::string algorithm;
  std::string kid;  ///< empty when absent; only ever used as a map key
  std::string signing_input;
  std::string signature;
  static Result<ParsedJwt> parse(std::string_view compact);
};

/// `aud` as a list, whether it is one or a single text (RFC 7519 §4.1.3); empty when there is none.
std::vector<std::string> audiences(const json::object& claims);

/// Signature under exactly the key's own algorithm; embedded jwk, jku, x5u, x5c are never looked at.
bool verify_signature(const ParsedJwt& jwt, const PublicKey& key);
bool verify_signature_hs(const ParsedJwt& jwt, Algorithm algorithm, std::string_view secret);

/// Compact JWE (RFC 7516 §3.1) with alg=dir, enc=A256GCM: the opaque access tokens for /userinfo. Key: 32 bytes.
std::string encrypt_jwe(std::string_view key, std::string_view kid, std::string_view issuer, std::string_view plaintext);

/// A JWE taken apart, nothing of it trusted yet. Refuses anything but `dir` with A256GCM, `crit`, `zip`, and odd sizes.
struct ParsedJwe {
  std::string kid;     ///< empty when absent; only ever used as a map key
  std::string issuer;  ///< the header's iss; empty when absent
  std::string header_b64;
  std::string nonce;
  std::string ciphertext;
  std::string tag;
  static Result<ParsedJwe> parse(std::string_view compact);
};
/// Errors: invalid_argument (another key, or touched).
Result<std::string> decrypt_jwe(std::string_view key, const ParsedJwe& jwe);

}  // namespace gatehouse::jose
