// Signatures through EVP with a kept key and a kept context, which is what a server can do at best: only what depends on the message is
// done anew.
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <stdexcept>
#include <string>

#include "primitives.h"

namespace bench {
namespace {

struct Key {
  explicit Key(std::string_view algorithm) {
    if (algorithm == "RS256") key = EVP_RSA_gen(2048);
    if (algorithm == "ES256") key = EVP_EC_gen("P-256");
    if (algorithm == "EdDSA") key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    if (!key) throw std::runtime_error("no such algorithm: " + std::string(algorithm));
    digest = algorithm == "EdDSA" ? nullptr : EVP_sha256();
  }
  ~Key() { EVP_PKEY_free(key); }

  EVP_PKEY* key = nullptr;
  const EVP_MD* digest = nullptr;
};

const std::string input(700, 'x');  // about the signing input of an access token
const auto* message = reinterpret_cast<const unsigned char*>(input.data());

void need(bool done) {
  if (!done) throw std::runtime_error("libcrypto refused");
}

size_t sign(EVP_MD_CTX* context, const Key& key, unsigned char* signature, size_t length) {
  need(EVP_DigestSignInit(context, nullptr, key.digest, nullptr, key.key) == 1);
  need(EVP_DigestSign(context, signature, &length, message, input.size()) == 1);
  return length;
}

}  // namespace

double signature_us(std::string_view algorithm) {
  const Key key(algorithm);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  unsigned char signature[512];
  const double us = cpu_us_per_call(7, algorithm == "RS256" ? 100 : 500, [&] { sign(context, key, signature, sizeof signature); });
  EVP_MD_CTX_free(context);
  return us;
}

double verification_us(std::string_view algorithm) {
  const Key key(algorithm);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  unsigned char signature[512];
  const size_t length = sign(context, key, signature, sizeof signature);
  const double us = cpu_us_per_call(7, 500, [&] {
    need(EVP_DigestVerifyInit(context, nullptr, key.digest, nullptr, key.key) == 1);
    need(EVP_DigestVerify(context, signature, length, message, input.size()) == 1);
  });
  EVP_MD_CTX_free(context);
  return us;
}

}  // namespace bench
