#include "crypto/password_formats/legacy_digests.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <memory>

namespace gatehouse::crypto {
namespace {

/// Made at the first imported hash that needs it; lives as long as the process. Without the legacy provider (a module of libssl3 that an
/// operator may have removed) MD4, RIPEMD-160 and Whirlpool are missing, and an import says so.
OSSL_LIB_CTX* context() {
  static OSSL_LIB_CTX* const made = [] {
    OSSL_LIB_CTX* fresh = OSSL_LIB_CTX_new();
    OSSL_PROVIDER_load(fresh, "default");
    OSSL_PROVIDER_load(fresh, "legacy");
    return fresh;
  }();
  return made;
}

struct Free {
  void operator()(EVP_MD* p) const { EVP_MD_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(EVP_MAC* p) const { EVP_MAC_free(p); }
  void operator()(EVP_MAC_CTX* p) const { EVP_MAC_CTX_free(p); }
  void operator()(EVP_KDF* p) const { EVP_KDF_free(p); }
  void operator()(EVP_KDF_CTX* p) const { EVP_KDF_CTX_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

Owned<EVP_MD> fetch(const std::string& name) { return Owned<EVP_MD>(EVP_MD_fetch(context(), name.c_str(), nullptr)); }

Error failed(const std::string& name) { return Error{Errc::internal, "The password cannot be checked.", "OpenSSL cannot compute " + name}; }

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
/// OpenSSL reads a null pointer as "unchanged": an empty view must not become one.
const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.empty() ? "" : text.data()); }

OSSL_PARAM text_parameter(const char* key, const std::string& value) {
  return OSSL_PARAM_construct_utf8_string(key, const_cast<char*>(value.c_str()), 0);
}
OSSL_PARAM bytes_parameter(const char* key, std::string_view value) {
  return OSSL_PARAM_construct_octet_string(key, const_cast<unsigned char*>(bytes(value)), value.size());
}

}  // namespace

bool has_digest(const std::string& name) { return fetch(name) != nullptr; }

size_t digest_size(const std::string& name) {
  const Owned<EVP_MD> md = fetch(name);
  return md ? static_cast<size_t>(EVP_MD_get_size(md.get())) : 0;
}

Result<std::string> named_digest(const std::string& name, std::string_view data) {
  const Owned<EVP_MD> md = fetch(name);
  const Owned<EVP_MD_CTX> run(EVP_MD_CTX_new());
  if (!md || !run) return failed(name);
  std::string out(static_cast<size_t>(EVP_MD_get_size(md.get())), '\0');
  if (EVP_DigestInit_ex2(run.get(), md.get(), nullptr) != 1 || EVP_DigestUpdate(run.get(), data.data(), data.size()) != 1 ||
      EVP_DigestFinal_ex(run.get(), bytes(out), nullptr) != 1) {
    return failed(name);
  }
  return out;
}

Result<std::string> named_hmac(const std::string& name, std::string_view key, std::string_view data) {
  const Owned<EVP_MAC> mac(EVP_MAC_fetch(context(), "HMAC", nullptr));
  const Owned<EVP_MAC_CTX> run(mac ? EVP_MAC_CTX_new(mac.get()) : nullptr);
  std::string out(digest_size(name), '\0');
  const OSSL_PARAM parameters[] = {text_parameter(OSSL_MAC_PARAM_DIGEST, name), OSSL_PARAM_construct_end()};
  size_t size = 0;
  if (!run || out.empty() || EVP_MAC_init(run.get(), bytes(key), key.size(), parameters) != 1 ||
      EVP_MAC_update(run.get(), bytes(data), data.size()) != 1 || EVP_MAC_final(run.get(), bytes(out), &size, out.size()) != 1) {
    return failed("HMAC with " + name);
  }
  return out;
}

Result<std::string> named_pbkdf2(const std::string& name, std::string_view password, std::string_view salt, int64_t iterations,
                                 size_t size) {
  const Owned<EVP_KDF> kdf(EVP_KDF_fetch(context(), "PBKDF2", nullptr));
  const Owned<EVP_KDF_CTX> run(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
  std::string out(size, '\0');
  auto rounds = static_cast<uint64_t>(iterations);
  int unchecked = 1;  // old systems used salts and counts below what SP 800-132 asks for
  const OSSL_PARAM parameters[] = {text_parameter(OSSL_KDF_PARAM_DIGEST, name),
                                   bytes_parameter(OSSL_KDF_PARAM_PASSWORD, password),
                                   bytes_parameter(OSSL_KDF_PARAM_SALT, salt),
                                   OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_ITER, &rounds),
                                   OSSL_PARAM_construct_int(OSSL_KDF_PARAM_PKCS5, &unchecked),
                                   OSSL_PARAM_construct_end()};
  if (!run || EVP_KDF_derive(run.get(), bytes(out), out.size(), parameters) != 1) return failed("PBKDF2 with " + name);
  return out;
}

}  // namespace gatehouse::crypto
