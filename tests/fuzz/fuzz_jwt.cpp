// Tokens and keys from outside: what parses is consistent, nothing made up verifies, and what we make reads back.
#include "base/encoding.h"
#include "jose/jwt.h"

namespace jose = gatehouse::jose;
namespace json = gatehouse::json;

namespace {

void fuzz_signed_token(std::string_view text) {
  static const jose::PublicKey key = jose::PrivateKey::generate(jose::Algorithm::ES256)->public_key();
  const auto jwt = jose::ParsedJwt::parse(text);
  if (!jwt) return;
  if (jwt->algorithm.empty() || jwt->signing_input.size() >= text.size() || gatehouse::to_lower_ascii(jwt->algorithm) == "none")
    __builtin_trap();
  if (jose::verify_signature(*jwt, key)) __builtin_trap();
  if (jose::verify_signature_hs(*jwt, jose::Algorithm::HS256, "")) __builtin_trap();
  const auto again = jose::ParsedJwt::parse(jose::sign_jwt_hs(jose::Algorithm::HS256, "secret", "JWT", jwt->claims));
  if (!again || again->claims != jwt->claims || !jose::verify_signature_hs(*again, jose::Algorithm::HS256, "secret")) __builtin_trap();
}

void fuzz_sealed_token(std::string_view text) {
  const auto jwe = jose::ParsedJwe::parse(text);
  if (jwe && jose::decrypt_jwe("a key of thirty-two bytes ......", *jwe)) __builtin_trap();
}

void fuzz_key(std::string_view text) {
  const auto value = gatehouse::parse_json(text);
  if (!value || !value->is_object()) return;
  const auto key = jose::PublicKey::from_jwk(value->get_object());
  (void)jose::PrivateKey::from_jwk(value->get_object());
  if (!key) return;
  const auto again = jose::PublicKey::from_jwk(key->to_jwk());
  if (!again || again->thumbprint() != key->thumbprint()) __builtin_trap();
  (void)key->verify("text", std::string(64, 's'));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  fuzz_signed_token(text);
  fuzz_sealed_token(text);
  fuzz_key(text);
  return 0;
}
