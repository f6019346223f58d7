// For jose_interop.test.mjs: one JSON request a line on standard input, one JSON answer a line on standard output, by our jose/.
// {"op": …} and its members; an answer is {"error": …} when the request is refused.
#include <iostream>

#include "jose/jwt.h"

namespace gatehouse::jose {
namespace {

std::string text(const json::object& request, std::string_view name) { return std::string(get_string(request, name).value_or("")); }

Result<Algorithm> algorithm_of(const json::object& request) {
  const std::optional<Algorithm> algorithm = parse_algorithm(text(request, "alg"));
  if (!algorithm) return Error{Errc::invalid_argument, "unknown alg"};
  return *algorithm;
}

Result<json::object> generate(const json::object& request) {
  TRY(const Algorithm algorithm, algorithm_of(request));
  TRY(const PrivateKey key, PrivateKey::generate(algorithm));
  return json::object{{"private_pem", key.to_pem().reveal()},
                      {"public_pem", key.public_key().to_pem()},
                      {"certificate", certificate_pem(key.self_signed_certificate("localhost", SystemClock().now()))},
                      {"jwk", key.public_key().to_jwk("ours")},
                      {"thumbprint", key.public_key().thumbprint()}};
}

Result<json::object> sign(const json::object& request) {
  TRY(const Algorithm algorithm, algorithm_of(request));
  const json::object& claims = *get_object(request, "claims");
  if (is_symmetric(algorithm)) return json::object{{"token", sign_jwt_hs(algorithm, text(request, "secret"), "JWT", claims)}};
  if (const json::object* jwk = get_object(request, "jwk")) {
    TRY(const PrivateKey key, PrivateKey::from_jwk(*jwk, algorithm));
    return json::object{{"token", sign_jwt(key, "theirs", "JWT", claims)}};
  }
  TRY(const PrivateKey key, PrivateKey::from_pem(text(request, "pem"), algorithm));
  return json::object{{"token", sign_jwt(key, "ours", "JWT", claims)}};
}

Result<json::object> verify(const json::object& request) {
  TRY(const Algorithm algorithm, algorithm_of(request));
  TRY(const ParsedJwt jwt, ParsedJwt::parse(text(request, "token")));
  if (is_symmetric(algorithm)) {
    return json::object{{"valid", verify_signature_hs(jwt, algorithm, text(request, "secret"))}, {"claims", jwt.claims}};
  }
  const json::object* jwk = get_object(request, "jwk");
  TRY(const PublicKey key, jwk ? PublicKey::from_jwk(*jwk, algorithm) : PublicKey::from_pem(text(request, "pem"), algorithm));
  return json::object{{"valid", verify_signature(jwt, key)}, {"claims", jwt.claims}, {"thumbprint", key.thumbprint()}};
}

Result<json::object> encrypt(const json::object& request) {
  return json::object{{"token", encrypt_jwe(text(request, "secret"), "kid", "https://localhost/", text(request, "plaintext"))}};
}

Result<json::object> decrypt(const json::object& request) {
  TRY(const ParsedJwe jwe, ParsedJwe::parse(text(request, "token")));
  TRY(const std::string plaintext, decrypt_jwe(text(request, "secret"), jwe));
  return json::object{{"plaintext", plaintext}};
}

Result<json::object> answer(const json::object& request) {
  const std::string op = text(request, "op");
  if (op == "generate") return generate(request);
  if (op == "sign") return sign(request);
  if (op == "verify") return verify(request);
  if (op == "encrypt") return encrypt(request);
  if (op == "decrypt") return decrypt(request);
  return Error{Errc::invalid_argument, "unknown op"};
}

}  // namespace
}  // namespace gatehouse::jose

int main() {
  using namespace gatehouse;
  for (std::string line; std::getline(std::cin, line);) {
    const Result<json::object> answer = jose::answer(json::parse(line).as_object());
    std::cout << json::serialize(answer ? *answer : json::object{{"error", answer.error().message}}) << std::endl;
  }
}
