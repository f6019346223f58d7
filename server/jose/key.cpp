#include "jose/key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace gatehouse::jose {
namespace {

constexpr int rsa_bits_min = 2048;
constexpr int rsa_bits_max = 8192;         // a verification grows with the square of the size
constexpr int rsa_exponent_bits_max = 64;  // and with the length of the exponent
constexpr size_t pem_size_max = 64 * 1024;
constexpr size_t ed25519_signature_size = 64;
constexpr size_t contexts_max = 256;

Error refusal(const char* why) { return {Errc::invalid_argument, why}; }

const EVP_MD* evp_digest(crypto::Digest digest) {
  switch (digest) {
    case crypto::Digest::sha256:
      return EVP_sha256();
    case crypto::Digest::sha384:
      return EVP_sha384();
    case crypto::Digest::sha512:
      return EVP_sha512();
  }
  return nullptr;
}

std::optional<Error> unfit_rsa(const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return refusal("The algorithm needs an RSA key.");
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < rsa_bits_min) return refusal("RSA keys below 2048 bits are refused.");
  if (bits > rsa_bits_max) return refusal("RSA keys above 8192 bits are refused.");
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &raw) != 1) openssl_failed("RSA exponent");
  const Owned<BIGNUM> e(raw);
  if (!BN_is_odd(e.get()) || BN_num_bits(e.get()) > rsa_exponent_bits_max || BN_get_word(e.get()) < RSA_F4) {
    return refusal("RSA keys need an odd public exponent of at least 65537.");
  }
  raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &raw) != 1) openssl_failed("RSA modulus");
  const Owned<BIGNUM> n(raw);
  if (!BN_is_odd(n.get())) return refusal("The RSA modulus is not a product of two primes.");
  return std::nullopt;
}

std::optional<Error> unfit_ec(const EVP_PKEY* key, const AlgorithmInfo& algorithm) {
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return refusal("The algorithm needs an elliptic curve key.");
  std::array<char, 32> group{};
  size_t size = 0;
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(), &size) != 1 ||
      std::string_view(group.data(), size) != algorithm.group) {
    forget_openssl_errors();
    return refusal("The key is on another curve than the algorithm's.");
  }
  return std::nullopt;
}

bool set_up(EVP_PKEY_CTX* context, const AlgorithmInfo& algorithm) {
  if (EVP_PKEY_CTX_set_signature_md(context, evp_digest(algorithm.digest)) != 1) return false;
  switch (algorithm.scheme) {
    case Scheme::rsa_pkcs1:
      return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    case Scheme::rsa_pss:  // the salt is as long as the digest, and MGF1 uses the same (RFC 7518 §3.5)
      return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
    case Scheme::ecdsa:
      return true;
    case Scheme::eddsa:
    case Scheme::hmac:
      return false;
  }
  return false;
}

struct SigningContext {
  std::weak_ptr<const PrivateKey::Impl> owner;
  Owned<EVP_PKEY> key;
  Owned<EVP_PKEY_CTX> context;
};

SigningContext make_signing_context(const std::shared_ptr<const PrivateKey::Impl>& impl) {
  // A copy of the key for this thread: RSA blinding and the counters of a shared one would be fought over by all cores.
  Owned<EVP_PKEY> key(EVP_PKEY_dup(impl->key.get()));
  Owned<EVP_PKEY_CTX> context(key ? EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr) : nullptr);
  if (!context || EVP_PKEY_sign_init(context.get()) != 1 || !set_up(context.get(), info(impl->algorithm)))
    openssl_failed("signing context");
  return {impl, std::move(key), std::move(context)};
}

/// The calling thread's context for this key. Those of keys that are gone leave when a new one comes.
EVP_PKEY_CTX* signing_context(const std::shared_ptr<const PrivateKey::Impl>& impl) {
  thread_local std::unordered_map<uint64_t, SigningContext> contexts;
  if (const auto found = contexts.find(impl->number); found != contexts.end()) return found->second.context.get();
  std::erase_if(contexts, [](const auto& entry) { return entry.second.owner.expired(); });
  if (contexts.size() >= contexts_max) contexts.clear();
  return contexts.emplace(impl->number, make_signing_context(impl)).first->second.context.get();
}

std::string sign_ed25519(EVP_PKEY* key, std::string_view input) {
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  std::string signature(ed25519_signature_size, '\0');
  size_t size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(input), input.size()) != 1) {
    openssl_failed("Ed25519 signature");
  }
  return signature;
}

bool verify_ed25519(EVP_PKEY* key, std::string_view input, std::string_view signature) {
  if (signature.size() != ed25519_signature_size) return false;
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  if (!context || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) != 1) openssl_failed("Ed25519 verification");
  return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(input), input.size()) == 1;
}

bool verify_digest(EVP_PKEY* key, const AlgorithmInfo& algorithm, std::string_view digest, std::string_view signature) {
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1 || !set_up(context.get(), algorithm)) openssl_failed("verification context");
  return EVP_PKEY_verify(context.get(), bytes_of(signature), signature.size(), bytes_of(digest), digest.size()) == 1;
}

Owned<BIO> memory_bio(std::string_view text) { return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

// Without this a PEM text that says it is encrypted would make OpenSSL ask on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

std::optional<Error> unfit(const EVP_PKEY* key, Algorithm algorithm) {
  const AlgorithmInfo& wanted = info(algorithm);
  switch (wanted.scheme) {
    case Scheme::rsa_pkcs1:
    case Scheme::rsa_pss:
      return unfit_rsa(key);
    case Scheme::ecdsa:
      return unfit_ec(key, wanted);
    case Scheme::eddsa:
      if (EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519) return refusal("The algorithm needs an Ed25519 key.");
      return std::nullopt;
    case Scheme::hmac:
      return refusal("A shared secret is not a public key.");  // CVE-2015-9235
  }
  return refusal("Unknown algorithm.");
}

Result<PublicKey> make_public_key(Owned<EVP_PKEY> key, Algorithm algorithm) {
  if (std::optional<Error> error = unfit(key.get(), algorithm)) return *error;
  return PublicKey(std::make_shared<const PublicKey::Impl>(algorithm, std::move(key)));
}

Result<PrivateKey> make_private_key(Owned<EVP_PKEY> key, Algorithm algorithm) {
  static std::atomic<uint64_t> last_number = 0;
  // Through SubjectPublicKeyInfo, so that what is handed out as public holds nothing private.
  std::string der(static_cast<size_t>(std::max(0, i2d_PUBKEY(key.get(), nullptr))), '\0');
  unsigned char* out = bytes_of(der);
  i2d_PUBKEY(key.get(), &out);
  const unsigned char* in = bytes_of(der);
  Owned<EVP_PKEY> public_part(d2i_PUBKEY(nullptr, &in, static_cast<long>(der.size())));
  if (!public_part) openssl_failed("public key");
  TRY(PublicKey public_key, make_public_key(std::move(public_part), algorithm));
  return PrivateKey(std::make_shared<const PrivateKey::Impl>(algorithm, std::move(key), std::move(public_key), ++last_number));
}

Result<PublicKey> PublicKey::from_pem(std::string_view pem, Algorithm algorithm) {
  if (pem.size() > pem_size_max) return refusal("The PEM text is too long.");
  Owned<EVP_PKEY> key;
  if (pem.find("-----BEGIN CERTIFICATE-----") != std::string_view::npos) {
    const Owned<X509> certificate(PEM_read_bio_X509(memory_bio(pem).get(), nullptr, no_passphrase, nullptr));
    if (certificate) key.reset(X509_get_pubkey(certificate.get()));
  } else {
    key.reset(PEM_read_bio_PUBKEY(memory_bio(pem).get(), nullptr, no_passphrase, nullptr));
  }
  if (!key) {
    forget_openssl_errors();
    return refusal("The text holds no public key or certificate in PEM form.");
  }
  return make_public_key(std::move(key), algorithm);
}

bool PublicKey::verify(std::string_view signing_input, std::string_view signature) const {
  // No genuine signature is all zeros; libraries that took one for genuine had CVE-2022-21449.
  if (std::ranges::all_of(signature, [](char c) { return c == '\0'; })) return false;
  const AlgorithmInfo& algorithm = info(impl_->algorithm);
  EVP_PKEY* key = impl_->key.get();
  bool genuine = false;
  switch (algorithm.scheme) {
    case Scheme::rsa_pkcs1:
    case Scheme::rsa_pss:
      genuine = signature.size() == static_cast<size_t>(EVP_PKEY_get_size(key)) &&
                verify_digest(key, algorithm, crypto::digest(algorithm.digest, signing_input), signature);
      break;
    case Scheme::ecdsa:
      if (const std::optional<std::string> der = ecdsa_raw_to_der(signature, algorithm.coordinate_size)) {
        genuine = verify_digest(key, algorithm, crypto::digest(algorithm.digest, signing_input), *der);
      }
      break;
    case Scheme::eddsa:
      genuine = verify_ed25519(key, signing_input, signature);
      break;
    case Scheme::hmac:
      break;
  }
  if (!genuine) forget_openssl_errors();
  return genuine;
}

Algorithm PublicKey::algorithm() const { return impl_->algorithm; }

std::string PublicKey::to_pem() const {
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_PUBKEY(bio.get(), impl_->key.get()) != 1) openssl_failed("PEM");
  return text_of(bio.get());
}

Result<PrivateKey> PrivateKey::generate(Algorithm algorithm) {
  const AlgorithmInfo& wanted = info(algorithm);
  Owned<EVP_PKEY> key;
  switch (wanted.scheme) {
    case Scheme::rsa_pkcs1:
    case Scheme::rsa_pss:
      key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<size_t>(rsa_bits_min)));
      break;
    case Scheme::ecdsa:
      key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", std::string(wanted.group).c_str()));
      break;
    case Scheme::eddsa:
      key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
      break;
    case Scheme::hmac:
      return Error{Errc::internal, "A shared secret is not a key pair."};
  }
  if (!key) openssl_failed("key generation");
  return make_private_key(std::move(key), algorithm);
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem, Algorithm algorithm) {
  if (pem.size() > pem_size_max) return refusal("The PEM text is too long.");
  Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(memory_bio(pem).get(), nullptr, no_passphrase, nullptr));
  if (!key) {
    forget_openssl_errors();
    return refusal("The text holds no private key in PEM form.");
  }
  return make_private_key(std::move(key), algorithm);
}

SecretString PrivateKey::to_pem() const {
  const Owned<BIO> bio(BIO_new(BIO_s_secmem()));
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), impl_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) openssl_failed("PEM");
  return SecretString(text_of(bio.get()));
}

PublicKey PrivateKey::public_key() const { return impl_->public_key; }

Algorithm PrivateKey::algorithm() const { return impl_->algorithm; }

std::string PrivateKey::sign(std::string_view signing_input) const {
  const AlgorithmInfo& algorithm = info(impl_->algorithm);
  if (algorithm.scheme == Scheme::eddsa) return sign_ed25519(impl_->key.get(), signing_input);
  const std::string digest = crypto::digest(algorithm.digest, signing_input);
  std::string signature(static_cast<size_t>(EVP_PKEY_get_size(impl_->key.get())), '\0');
  size_t size = signature.size();
  if (EVP_PKEY_sign(signing_context(impl_), bytes_of(signature), &size, bytes_of(digest), digest.size()) != 1) openssl_failed("signature");
  signature.resize(size);
  return algorithm.scheme == Scheme::ecdsa ? ecdsa_der_to_raw(signature, algorithm.coordinate_size) : signature;
}

}  // namespace gatehouse::jose
