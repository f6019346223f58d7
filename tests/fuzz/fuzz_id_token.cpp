// ID tokens: nothing made up is believed, and of genuine ones only those that say what was expected.
#include <algorithm>

#include "connections/upstream/id_token.h"
#include "jose/jwt.h"

namespace connections = gatehouse::connections;
namespace jose = gatehouse::jose;
namespace json = gatehouse::json;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  static const jose::PrivateKey key = *jose::PrivateKey::generate(jose::Algorithm::EdDSA);
  static const json::object keys{{"keys", json::array{key.public_key().to_jwk("key")}}};
  constexpr int64_t now = 1'800'000'000;
  connections::ExpectedIdToken expected;
  expected.issuer_fits = [](std::string_view issuer, const json::object&) { return issuer == "https://idp.example.com"; };
  expected.client_id = "gatehouse";
  expected.nonce = "n";
  expected.access_token = "a";
  expected.algorithms = {"EdDSA", "HS256"};
  expected.secret = "s";
  expected.now = gatehouse::from_micros(now * 1'000'000);
  int asked = 0;
  const connections::FindKeys find = [&](bool) -> gatehouse::Result<const json::object*> {
    if (++asked > 2) __builtin_trap();
    return &keys;
  };
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (connections::verify_id_token(text, expected, find)) __builtin_trap();

  // The same claims, signed by the provider itself.
  const auto value = gatehouse::parse_json(text);
  if (!value || !value->is_object()) return 0;
  asked = 0;
  const auto claims = connections::verify_id_token(jose::sign_jwt(key, "key", "JWT", value->get_object()), expected, find);
  if (!claims) return 0;
  const std::vector<std::string> audiences = jose::audiences(*claims);
  if (gatehouse::get_string(*claims, "iss") != "https://idp.example.com" || gatehouse::get_string(*claims, "nonce") != "n" ||
      gatehouse::get_string(*claims, "sub").value_or("").empty() || std::ranges::find(audiences, "gatehouse") == audiences.end())
    __builtin_trap();
  if (const auto expires = gatehouse::get_int(*claims, "exp"); expires && *expires < now - 60) __builtin_trap();
  return 0;
}
