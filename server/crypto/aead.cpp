#include "crypto/aead.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <stdexcept>

namespace gatehouse::crypto {
namespace {

struct CipherContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, CipherContextDeleter>;

const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

/// One a thread: making it costs more than the cipher does for a secret's few bytes. It keeps the schedule of the last key, which lives in
/// this process's memory anyway.
EVP_CIPHER_CTX* thread_context() {
  thread_local const CipherContext context(EVP_CIPHER_CTX_new());
  return context.get();
}

const unsigned char* in(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* out(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

}  // namespace

std::string aes_256_gcm_encrypt(std::string_view key, std::string_view nonce, std::string_view associated, std::string_view plaintext) {
  if (key.size() != aead_key_size || nonce.size() != aead_nonce_size) throw std::invalid_argument("AES-256-GCM: size of key or nonce");
  EVP_CIPHER_CTX* const context = thread_context();
  std::string result(plaintext.size() + aead_tag_size, '\0');
  int size = 0;
  int last = 0;
  if (!context || EVP_EncryptInit_ex2(context, aes_256_gcm(), in(key), in(nonce), nullptr) != 1 ||
      (!associated.empty() && EVP_EncryptUpdate(context, nullptr, &size, in(associated), static_cast<int>(associated.size())) != 1)) {
    throw std::runtime_error("OpenSSL failed: AES-256-GCM");
  }
  size = 0;
  if ((!plaintext.empty() &&
       EVP_EncryptUpdate(context, out(result), &size, in(plaintext), static_cast<int>(plaintext.size())) != 1) ||
      EVP_EncryptFinal_ex(context, out(result) + size, &last) != 1 ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, aead_tag_size, out(result) + plaintext.size()) != 1) {
    throw std::runtime_error("OpenSSL failed: AES-256-GCM");
  }
  return result;
}

std::optional<std::string> aes_256_gcm_decrypt(std::string_view key, std::string_view nonce, std::string_view associated,
                                               std::string_view ciphertext_and_tag) {
  if (key.size() != aead_key_size || nonce.size() != aead_nonce_size || ciphertext_and_tag.size() < aead_tag_size) return std::nullopt;
  const std::string_view ciphertext = ciphertext_and_tag.substr(0, ciphertext_and_tag.size() - aead_tag_size);
  const std::string_view tag = ciphertext_and_tag.substr(ciphertext.size());
  EVP_CIPHER_CTX* const context = thread_context();
  std::string result(ciphertext.size(), '\0');
  int size = 0;
  int last = 0;
  if (!context || EVP_DecryptInit_ex2(context, aes_256_gcm(), in(key), in(nonce), nullptr) != 1 ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, aead_tag_size, const_cast<char*>(tag.data())) != 1 ||
      (!associated.empty() && EVP_DecryptUpdate(context, nullptr, &size, in(associated), static_cast<int>(associated.size())) != 1)) {
    throw std::runtime_error("OpenSSL failed: AES-256-GCM");
  }
  size = 0;
  const bool genuine = (ciphertext.empty() ||
                        EVP_DecryptUpdate(context, out(result), &size, in(ciphertext), static_cast<int>(ciphertext.size())) == 1) &&
                       EVP_DecryptFinal_ex(context, out(result) + size, &last) == 1;
  if (!genuine) {
    OPENSSL_cleanse(result.data(), result.size());  // what was decrypted before the tag was checked means nothing
    return std::nullopt;
  }
  return result;
}

}  // namespace gatehouse::crypto
