#include "crypto/crypto.h"
#include "crypto/password_formats/legacy_digests.h"
#include "crypto/password_formats/password_format.h"

// md4, md5, sha1, sha256, sha512 of salt ‖ password or password ‖ salt.
namespace gatehouse::crypto {

std::optional<std::string> digest_complaint(const ImportedHash& hash) {
  const size_t size = digest_size(hash.algorithm);
  if (size == 0) return "This machine's OpenSSL has no " + hash.algorithm;
  if (hash.hash.size() != size) return "A " + hash.algorithm + " hash has " + std::to_string(size) + " bytes";
  return std::nullopt;
}

Result<bool> verify_digest_format(std::string_view password, const ImportedHash& hash) {
  std::string input = hash.salted(password);
  const Result<std::string> computed = named_digest(hash.algorithm, input);
  wipe(input.data(), input.size());
  if (!computed) return computed.error();
  return constant_time_equal(*computed, hash.hash);
}

}  // namespace gatehouse::crypto
