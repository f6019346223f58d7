#include <openssl/evp.h>

#include "crypto/crypto.h"
#include "crypto/password_formats/password_format.h"

// scrypt (RFC 7914) with its parameters beside the hash.
namespace gatehouse::crypto {
namespace {

constexpr int64_t most_memory = 256 * 1024 * 1024;  // bytes, 128·N·r: what Argon2 may take, too
constexpr int64_t most_work = 4 * 1024 * 1024;      // N·r·p: a second or two
constexpr int64_t longest = 512;                    // bytes

}  // namespace

std::optional<std::string> scrypt_complaint(const ImportedHash& hash) {
  if (!hash.salt) return "An scrypt hash needs its salt";
  if (hash.keylen < 1 || hash.keylen > longest) return "keylen is missing, or longer than is accepted";
  if (hash.cost < 2 || (hash.cost & (hash.cost - 1)) != 0) return "cost is not a power of two greater than one";
  if (hash.block_size < 1 || hash.parallelization < 1) return "blockSize and parallelization are positive";
  if (hash.cost > most_memory / 128 || hash.block_size > most_memory / 128 / hash.cost ||
      hash.parallelization > most_work / hash.cost / hash.block_size)
    return "The scrypt hash costs more than is accepted";
  if (static_cast<int64_t>(hash.hash.size()) != hash.keylen) return "The length of the scrypt hash is not keylen";
  return std::nullopt;
}

Result<bool> verify_scrypt_format(std::string_view password, const ImportedHash& hash) {
  std::string computed(hash.hash.size(), '\0');
  const auto* salt = reinterpret_cast<const unsigned char*>(hash.salt->data());
  if (EVP_PBE_scrypt(password.data(), password.size(), salt, hash.salt->size(), uint64_t(hash.cost), uint64_t(hash.block_size),
                     uint64_t(hash.parallelization), most_memory + 64 * 1024 * 1024, reinterpret_cast<unsigned char*>(computed.data()),
                     computed.size()) != 1) {
    return Error{Errc::unavailable, "The password cannot be checked at the moment.", "scrypt failed"};
  }
  return constant_time_equal(computed, hash.hash);
}

}  // namespace gatehouse::crypto
