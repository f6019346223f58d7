#include "connections/upstream/id_token.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/crypto.h"
#include "jose/jwt.h"

namespace gatehouse::connections {
namespace {

constexpr size_t kLongest = 100 * 1024;  // bytes of a token
constexpr size_t kMostKeys = 100;        // of a key set that are looked at
constexpr int64_t kSkew = 60;            // seconds

Error refused(std::string reason) {
  return Error{Errc::invalid_argument, "The identity provider's answer could not be verified.", "ID token: " + std::move(reason)};
}

/// Whether some key of the set made the signature. A key id picks the key; without one every fitting key is tried.
enum class Checked { good, bad, unknown_key };
Checked check(const jose::ParsedJwt& jwt, jose::Algorithm algorithm, const json::object& set) {
  const json::array* keys = get_array(set, "keys");
  if (!keys) return Checked::unknown_key;
  size_t looked_at = 0;
  bool fitting = false;
  for (const json::value& value : *keys) {
    if (++looked_at > kMostKeys) break;
    const json::object* jwk = value.if_object();
    if (!jwk) continue;
    if (!jwt.kid.empty() && get_string(*jwk, "kid") != std::string_view(jwt.kid)) continue;
    if (const auto named = get_string(*jwk, "alg"); named && *named != jose::to_string(algorithm)) continue;
    const Result<jose::PublicKey> key = jose::PublicKey::from_jwk(*jwk, algorithm);
    if (!key) continue;
    fitting = true;
    if (jose::verify_signature(jwt, *key)) return Checked::good;
  }
  // Without a key id a newer set may well have the key.
  return fitting && !jwt.kid.empty() ? Checked::bad : Checked::unknown_key;
}

/// The left half of a value's digest under the token's own algorithm (§3.1.3.6).
bool hash_fits(std::string_view claimed, std::string_view value, jose::Algorithm algorithm) {
  const std::string digest =
      crypto::digest(jose::info(algorithm).scheme == jose::Scheme::eddsa ? crypto::Digest::sha512 : jose::info(algorithm).digest, value);
  return crypto::constant_time_equal(claimed, base64url_encode(std::string_view(digest).substr(0, digest.size() / 2)));
}

Result<void> check_claims(const json::object& claims, jose::Algorithm algorithm, const ExpectedIdToken& expected) {
  const std::optional<std::string_view> issuer = get_string(claims, "iss");
  if (!issuer || !expected.issuer_fits(*issuer, claims)) return refused("iss is " + std::string(issuer.value_or("missing")));
  const std::vector<std::string> audiences = jose::audiences(claims);
  if (std::ranges::find(audiences, expected.client_id) == audiences.end()) return refused("aud does not name the client");
  const json::value* azp = claims.if_contains("azp");
  if (azp && (!azp->is_string() || azp->get_string() != std::string_view(expected.client_id))) return refused("azp is another client");
  if (audiences.size() > 1 && !azp) return refused("several audiences without azp");

  const int64_t now = to_unix_seconds(expected.now);
  const auto time_of = [&](std::string_view name) -> std::optional<int64_t> {
    const json::value* value = claims.if_contains(name);
    if (!value) return std::nullopt;
    if (value->is_int64()) return value->get_int64();
    if (value->is_double() && value->get_double() > 0 && value->get_double() < 1e12) return int64_t(value->get_double());
    return std::nullopt;
  };
  const auto expires = time_of("exp"), issued = time_of("iat");
  if (!expires || *expires < now - kSkew) return refused("exp is missing or past");
  if (!issued || *issued > now + kSkew) return refused("iat is missing or in the future");
  if (claims.contains("nbf")) {
    const auto from = time_of("nbf");
    if (!from || *from > now + kSkew) return refused("nbf is in the future");
  }

  if (!expected.nonce.empty() && !crypto::constant_time_equal(get_string(claims, "nonce").value_or(""), expected.nonce))
    return refused("nonce is missing or another one");
  for (const auto& [name, value] : {std::pair("at_hash", &expected.access_token), std::pair("c_hash", &expected.code)})
    if (!value->empty() && claims.contains(name) && !hash_fits(get_string(claims, name).value_or(""), *value, algorithm))
      return refused(std::string(name) + " does not fit");
  if (get_string(claims, "sub").value_or("").empty()) return refused("sub is missing");
  return {};
}

}  // namespace

Result<json::object> verify_id_token(std::string_view token, const ExpectedIdToken& expected, const FindKeys& keys) {
  if (token.size() > kLongest) return refused("longer than 100 kB");
  Result<jose::ParsedJwt> parsed = jose::ParsedJwt::parse(token);
  if (!parsed) return refused("not a JWT");
  const jose::ParsedJwt& jwt = *parsed;
  const std::optional<jose::Algorithm> algorithm = jose::parse_algorithm(jwt.algorithm);
  if (!algorithm || std::ranges::find(expected.algorithms, jwt.algorithm) == expected.algorithms.end())
    return refused("algorithm " + jwt.algorithm + " is not allowed");
  // A token of another kind (an access token, a logout token) never passes for an ID token (RFC 8725 §3.11).
  if (const auto typ = get_string(jwt.header, "typ"); typ && to_lower_ascii(*typ) != "jwt") return refused("typ is " + std::string(*typ));

  if (jose::is_symmetric(*algorithm)) {
    if (expected.secret.empty() || !jose::verify_signature_hs(jwt, *algorithm, expected.secret))
      return refused("the signature is not genuine");
  } else {
    TRY(const json::object* set, keys(false));
    Checked checked = check(jwt, *algorithm, *set);
    if (checked == Checked::unknown_key) {
      TRY(set, keys(true));
      checked = check(jwt, *algorithm, *set);
    }
    if (checked != Checked::good)
      return refused(checked == Checked::bad ? "the signature is not genuine" : "no key of the provider made the signature");
  }
  TRY_VOID(check_claims(jwt.claims, *algorithm, expected));
  return std::move(parsed->claims);
}

}  // namespace gatehouse::connections
