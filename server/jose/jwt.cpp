#include "jose/jwt.h"

#include "base/encoding.h"
#include "base/json_text.h"
#include "crypto/crypto.h"

namespace gatehouse::jose {
namespace {

constexpr size_t header_size_max = 4096;
constexpr size_t compact_size_max = 256 * 1024;  // claims of 100 kB, which an Action may set, in base64

Error refusal(const char* why) { return {Errc::invalid_argument, why}; }

/// What is signed; with room for the signature.
std::string signing_input(Algorithm algorithm, std::string_view typ, std::string_view kid, std::string_view claims) {
  constexpr size_t signature_room = 360;  // RSA-2048 in base64, and some
  thread_local std::string header;
  header.clear();
  JsonObjectText object(header);
  object.add("alg", to_string(algorithm));
  if (!typ.empty()) object.add("typ", typ);
  if (!kid.empty()) object.add("kid", kid);
  object.close();
  std::string input;
  input.reserve((header.size() + claims.size()) * 4 / 3 + signature_room);
  append_base64url(input, header);
  input += '.';
  append_base64url(input, claims);
  return input;
}

std::string with_signature(std::string input, std::string_view signature) {
  input += '.';
  append_base64url(input, signature);
  return input;
}

Result<json::object> parse_part(std::string_view part, const char* not_an_object) {
  const std::optional<std::string> text = base64url_decode(part);
  if (!text) return refusal("The token is not base64url.");
  Result<json::value> value = parse_json(*text);
  if (!value || !value->is_object()) return refusal(not_an_object);
  return std::move(value->as_object());
}

}  // namespace

std::string sign_jwt(const PrivateKey& key, std::string_view kid, std::string_view typ, const json::object& claims) {
  return sign_jwt_text(key, kid, typ, json::serialize(claims));
}

std::string sign_jwt_text(const PrivateKey& key, std::string_view kid, std::string_view typ, std::string_view claims) {
  std::string input = signing_input(key.algorithm(), typ, kid, claims);
  const std::string signature = key.sign(input);
  return with_signature(std::move(input), signature);
}

std::string sign_jwt_hs(Algorithm algorithm, std::string_view secret, std::string_view typ, const json::object& claims) {
  return sign_jwt_hs_text(algorithm, secret, typ, json::serialize(claims));
}

std::string sign_jwt_hs_text(Algorithm algorithm, std::string_view secret, std::string_view typ, std::string_view claims) {
  std::string input = signing_input(algorithm, typ, {}, claims);
  const std::string signature = crypto::hmac(info(algorithm).digest, secret, input);
  return with_signature(std::move(input), signature);
}

Result<ParsedJwt> ParsedJwt::parse(std::string_view compact) {
  if (compact.size() > compact_size_max) return refusal("The token is too long.");
  const size_t first = compact.find('.');
  const size_t second = first == std::string_view::npos ? first : compact.find('.', first + 1);
  if (second == std::string_view::npos || compact.find('.', second + 1) != std::string_view::npos) {
    return refusal("A signed token has three parts.");
  }
  const std::string_view header_part = compact.substr(0, first);
  const std::string_view claims_part = compact.substr(first + 1, second - first - 1);
  const std::string_view signature_part = compact.substr(second + 1);
  if (header_part.empty() || claims_part.empty() || signature_part.empty()) return refusal("A part of the token is empty.");
  if (header_part.size() > header_size_max) return refusal("The token's header is too long.");

  ParsedJwt jwt;
  TRY(jwt.header, parse_part(header_part, "The token's header is not a JSON object."));
  const std::optional<std::string_view> algorithm = get_string(jwt.header, "alg");
  if (!algorithm) return refusal("The token's header has no alg.");
  if (to_lower_ascii(*algorithm) == "none") return refusal("Unsigned tokens are refused.");  // RFC 8725 §3.2
  // No extension is understood here, so none that must be understood can be (RFC 7515 §4.1.11).
  if (jwt.header.contains("crit") || jwt.header.contains("b64")) return refusal("The token needs an extension that is not supported.");
  for (const char* name : {"kid", "typ", "cty"}) {
    if (jwt.header.contains(name) && !get_string(jwt.header, name)) return refusal("A member of the token's header is not a string.");
  }
  TRY(jwt.claims, parse_part(claims_part, "The token's claims are not a JSON object."));
  std::optional<std::string> signature = base64url_decode(signature_part);
  if (!signature) return refusal("The token is not base64url.");
  jwt.algorithm = *algorithm;
  jwt.kid = get_string(jwt.header, "kid").value_or("");
  jwt.signing_input = compact.substr(0, second);
  jwt.signature = std::move(*signature);
  return jwt;
}

std::vector<std::string> audiences(const json::object& claims) {
  if (const std::optional<std::string_view> single = get_string(claims, "aud")) return {std::string(*single)};
  return get_strings(claims, "aud");
}

bool verify_signature(const ParsedJwt& jwt, const PublicKey& key) {
  return jwt.algorithm == to_string(key.algorithm()) && key.verify(jwt.signing_input, jwt.signature);
}

bool verify_signature_hs(const ParsedJwt& jwt, Algorithm algorithm, std::string_view secret) {
  // Without a secret anybody could sign.
  if (!is_symmetric(algorithm) || secret.empty() || jwt.algorithm != to_string(algorithm)) return false;
  return crypto::constant_time_equal(crypto::hmac(info(algorithm).digest, secret, jwt.signing_input), jwt.signature);
}

}  // namespace gatehouse::jose
