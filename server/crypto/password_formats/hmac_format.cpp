#include <algorithm>
#include <array>

#include "crypto/crypto.h"
#include "crypto/password_formats/legacy_digests.h"
#include "crypto/password_formats/password_format.h"

// HMAC (RFC 2104) of the password under a key of the old system.
namespace gatehouse::crypto {
namespace {

constexpr std::array<std::string_view, 9> digests{"md4", "md5", "ripemd160", "sha1", "sha224", "sha256", "sha384", "sha512", "whirlpool"};

}  // namespace

std::optional<std::string> hmac_complaint(const ImportedHash& hash) {
  if (std::ranges::find(digests, hash.digest) == digests.end()) return "hash.digest names no digest that hmac takes";
  const size_t size = digest_size(hash.digest);
  if (size == 0) return "This machine's OpenSSL has no " + hash.digest;
  if (hash.key.empty()) return "hash.key.value is missing";
  if (hash.hash.size() != size) return "An hmac with " + hash.digest + " has " + std::to_string(size) + " bytes";
  return std::nullopt;
}

Result<bool> verify_hmac_format(std::string_view password, const ImportedHash& hash) {
  std::string input = hash.salted(password);
  const Result<std::string> computed = named_hmac(hash.digest, hash.key, input);
  wipe(input.data(), input.size());
  if (!computed) return computed.error();
  return constant_time_equal(*computed, hash.hash);
}

}  // namespace gatehouse::crypto
