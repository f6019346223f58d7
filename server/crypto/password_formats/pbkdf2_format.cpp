#include <charconv>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "crypto/password_formats/legacy_digests.h"
#include "crypto/password_formats/password_format.h"

// PBKDF2 (RFC 8018 §5.2) in PHC form: $pbkdf2-sha512$i=100000,l=64$salt$hash.
namespace gatehouse::crypto {
namespace {

constexpr int64_t usual_iterations = 100'000;
constexpr int64_t usual_length = 64;
constexpr int64_t most_work = 5'000'000;  // iterations times blocks: some seconds. OWASP's highest advice is 1.4 million
constexpr int64_t longest = 512;          // bytes

struct Parts {
  std::string digest_name;
  int64_t iterations = usual_iterations, length = usual_length;
  std::string salt, hash;
};

/// OpenSSL's many names for one digest: RSA-SHA256, sha256WithRSAEncryption, rmd160 …
std::string plain_digest_name(std::string name) {
  name = to_lower_ascii(name);
  for (const std::string_view prefix : {"rsa-", "ssl3-"})
    if (name.starts_with(prefix)) name.erase(0, prefix.size());
  for (const std::string_view suffix : {"withrsaencryption", "withrsa"})
    if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
  if (name == "sha1-2") return "sha1";
  if (name == "ripemd" || name == "rmd160") return "ripemd160";
  return name;
}

std::optional<std::string> decode_unpadded(std::string_view text) {
  std::string padded(text);
  while (padded.size() % 4 != 0) padded.push_back('=');
  return base64_decode(padded);
}

bool take_parameter(std::string_view parameter, std::string_view name, int64_t& value) {
  if (!parameter.starts_with(name)) return false;
  parameter.remove_prefix(name.size());
  const auto [end, error] = std::from_chars(parameter.data(), parameter.data() + parameter.size(), value);
  return error == std::errc{} && end == parameter.data() + parameter.size() && value > 0;
}

std::optional<Parts> parse(std::string_view text) {
  if (text.size() > 4096 || !text.starts_with("$pbkdf2-")) return std::nullopt;
  std::vector<std::string_view> fields = split(text, '$');
  if (fields.size() != 3 && fields.size() != 4) return std::nullopt;
  Parts parts;
  parts.digest_name = plain_digest_name(std::string(fields.front().substr(7)));
  if (fields.size() == 4)
    for (const std::string_view parameter : split(fields[1], ','))
      if (!take_parameter(parameter, "i=", parts.iterations) && !take_parameter(parameter, "l=", parts.length)) return std::nullopt;
  const auto salt = decode_unpadded(fields[fields.size() - 2]);
  const auto hash = decode_unpadded(fields.back());
  if (!salt || !hash) return std::nullopt;
  parts.salt = *salt;
  parts.hash = *hash;
  return parts;
}

}  // namespace

std::optional<std::string> pbkdf2_complaint(const ImportedHash& hash) {
  if (hash.salt) return "The salt of a pbkdf2 hash stands in the hash";
  const std::optional<Parts> parts = parse(hash.hash);
  if (!parts) return "The pbkdf2 hash is not in PHC string format";
  const auto size = static_cast<int64_t>(digest_size(parts->digest_name));
  if (size == 0) return "This machine's OpenSSL has no digest " + parts->digest_name;
  if (static_cast<int64_t>(parts->hash.size()) != parts->length) return "The length of the pbkdf2 hash is not what its parameter l says";
  if (parts->length > longest || parts->iterations > most_work / ((parts->length + size - 1) / size))
    return "The pbkdf2 hash costs more than is accepted";
  return std::nullopt;
}

Result<bool> verify_pbkdf2_format(std::string_view password, const ImportedHash& hash) {
  const std::optional<Parts> parts = parse(hash.hash);
  if (!parts) return Error{Errc::invalid_argument, "This is not a PBKDF2 hash."};
  TRY(const std::string computed, named_pbkdf2(parts->digest_name, password, parts->salt, parts->iterations, parts->hash.size()));
  return constant_time_equal(computed, parts->hash);
}

}  // namespace gatehouse::crypto
