#include "crypto/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <stdexcept>

namespace gatehouse::crypto {
namespace {

[[noreturn]] void fail(const char* what) { throw std::runtime_error(std::string("OpenSSL failed: ") + what); }

// Fetching an algorithm takes a lock and a lookup, so each is fetched once and lives as long as the process.
const EVP_MD* fetch_digest(const char* name) {
  EVP_MD* md = EVP_MD_fetch(nullptr, name, nullptr);
  if (!md) fail(name);
  return md;
}

const EVP_MD* evp_digest(Digest algorithm) {
  static const std::array<const EVP_MD*, 3> digests{fetch_digest("SHA256"), fetch_digest("SHA384"), fetch_digest("SHA512")};
  return digests.at(static_cast<size_t>(algorithm));
}

struct DigestContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct MacContextDeleter {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

// One context a thread: a digest of a few bytes would otherwise spend most of its time in malloc.
std::string run_digest(const EVP_MD* md, std::string_view data) {
  thread_local const std::unique_ptr<EVP_MD_CTX, DigestContextDeleter> context(EVP_MD_CTX_new());
  std::string out(static_cast<size_t>(EVP_MD_get_size(md)), '\0');
  unsigned size = 0;
  if (!context || EVP_DigestInit_ex2(context.get(), md, nullptr) != 1 || EVP_DigestUpdate(context.get(), data.data(), data.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size) != 1) {
    fail("digest");
  }
  return out;
}

EVP_MAC_CTX* new_hmac_context(Digest algorithm) {
  static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* context = mac ? EVP_MAC_CTX_new(mac) : nullptr;
  if (!context) fail("HMAC");
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(EVP_MD_get0_name(evp_digest(algorithm))), 0),
      OSSL_PARAM_construct_end()};
  if (EVP_MAC_CTX_set_params(context, parameters.data()) != 1) fail("HMAC digest");
  return context;
}

}  // namespace

std::string digest(Digest algorithm, std::string_view data) { return run_digest(evp_digest(algorithm), data); }

std::string sha256(std::string_view data) { return digest(Digest::sha256, data); }

std::string sha1(std::string_view data) {
  static const EVP_MD* const md = fetch_digest("SHA1");
  return run_digest(md, data);
}

std::string md5(std::string_view data) {
  static const EVP_MD* const md = fetch_digest("MD5");
  return run_digest(md, data);
}

std::string hmac(Digest algorithm, std::string_view key, std::string_view data) {
  thread_local std::array<std::unique_ptr<EVP_MAC_CTX, MacContextDeleter>, 3> contexts;
  auto& context = contexts.at(static_cast<size_t>(algorithm));
  if (!context) context.reset(new_hmac_context(algorithm));
  std::string out(static_cast<size_t>(EVP_MD_get_size(evp_digest(algorithm))), '\0');
  size_t size = 0;
  // A null key means "the one before" to OpenSSL: an empty view must not become one.
  const auto* key_bytes = reinterpret_cast<const unsigned char*>(key.empty() ? "" : key.data());
  if (EVP_MAC_init(context.get(), key_bytes, key.size(), nullptr) != 1 ||
      EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(data.data()), data.size()) != 1 ||
      EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, out.size()) != 1) {
    fail("HMAC");
  }
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view data) { return hmac(Digest::sha256, key, data); }

bool constant_time_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(void* data, size_t size) { OPENSSL_cleanse(data, size); }

}  // namespace gatehouse::crypto
