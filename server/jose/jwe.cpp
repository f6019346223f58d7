#include "base/encoding.h"
#include "crypto/aead.h"
#include "crypto/random.h"
#include "jose/jwt.h"

namespace gatehouse::jose {
namespace {

constexpr size_t header_size_max = 4096;
constexpr size_t compact_size_max = 64 * 1024;

Error refusal(const char* why) { return {Errc::invalid_argument, why}; }

}  // namespace

std::string encrypt_jwe(std::string_view key, std::string_view kid, std::string_view issuer, std::string_view plaintext) {
  json::object header{{"alg", "dir"}, {"enc", "A256GCM"}};
  if (!issuer.empty()) header["iss"] = issuer;
  if (!kid.empty()) header["kid"] = kid;
  const std::string header_b64 = base64url_encode(json::serialize(header));
  // Part of the cipher rather than of the program's behaviour: a repeated nonce would give the key away, so it is never a test's.
  const std::string nonce = crypto::SystemRandom().bytes(crypto::aead_nonce_size);
  const std::string sealed = crypto::aes_256_gcm_encrypt(key, nonce, header_b64, plaintext);
  const std::string_view bytes = sealed;
  // RFC 7516 §7.1: with `dir` the second part, the encrypted key, is empty.
  return header_b64 + ".." + base64url_encode(nonce) + "." + base64url_encode(bytes.substr(0, plaintext.size())) + "." +
         base64url_encode(bytes.substr(plaintext.size()));
}

Result<ParsedJwe> ParsedJwe::parse(std::string_view compact) {
  if (compact.size() > compact_size_max) return refusal("The token is too long.");
  std::array<std::string_view, 5> parts;
  for (size_t i = 0; i < parts.size(); ++i) {
    const size_t dot = compact.find('.');
    if ((dot == std::string_view::npos) != (i + 1 == parts.size())) return refusal("An encrypted token has five parts.");
    parts.at(i) = compact.substr(0, dot);
    if (dot != std::string_view::npos) compact.remove_prefix(dot + 1);
  }
  if (parts[0].size() > header_size_max) return refusal("The token's header is too long.");
  if (!parts[1].empty()) return refusal("The token's encrypted key is not empty.");
  const std::optional<std::string> header_text = base64url_decode(parts[0]);
  std::optional<std::string> nonce = base64url_decode(parts[2]);
  std::optional<std::string> ciphertext = base64url_decode(parts[3]);
  std::optional<std::string> tag = base64url_decode(parts[4]);
  if (!header_text || !nonce || !ciphertext || !tag) return refusal("The token is not base64url.");
  // Shorter tags are easier to guess, so the sizes are not the sender's choice (RFC 7518 §5.3).
  if (nonce->size() != crypto::aead_nonce_size || tag->size() != crypto::aead_tag_size)
    return refusal("The token's nonce or tag has the wrong size.");
  const Result<json::value> header = parse_json(*header_text);
  if (!header || !header->is_object()) return refusal("The token's header is not a JSON object.");
  const json::object& members = header->get_object();
  if (get_string(members, "alg") != "dir" || get_string(members, "enc") != "A256GCM")
    return refusal("The token's encryption is not supported.");
  if (members.contains("crit") || members.contains("zip")) return refusal("The token needs an extension that is not supported.");
  for (const char* name : {"kid", "iss"}) {
    if (members.contains(name) && !get_string(members, name)) return refusal("A member of the token's header is not a string.");
  }
  ParsedJwe jwe;
  jwe.kid = get_string(members, "kid").value_or("");
  jwe.issuer = get_string(members, "iss").value_or("");
  jwe.header_b64 = parts[0];
  jwe.nonce = std::move(*nonce);
  jwe.ciphertext = std::move(*ciphertext);
  jwe.tag = std::move(*tag);
  return jwe;
}

Result<std::string> decrypt_jwe(std::string_view key, const ParsedJwe& jwe) {
  std::optional<std::string> plaintext = crypto::aes_256_gcm_decrypt(key, jwe.nonce, jwe.header_b64, jwe.ciphertext + jwe.tag);
  if (!plaintext) return refusal("The token is not genuine.");
  return std::move(*plaintext);
}

}  // namespace gatehouse::jose
