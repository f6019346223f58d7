#include "jose/openssl.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stdexcept>

namespace gatehouse::jose {

void OpensslDeleter::operator()(evp_pkey_st* p) const { EVP_PKEY_free(p); }
void OpensslDeleter::operator()(evp_pkey_ctx_st* p) const { EVP_PKEY_CTX_free(p); }
void OpensslDeleter::operator()(evp_md_ctx_st* p) const { EVP_MD_CTX_free(p); }
void OpensslDeleter::operator()(bignum_st* p) const { BN_clear_free(p); }
void OpensslDeleter::operator()(bio_st* p) const { BIO_free_all(p); }
void OpensslDeleter::operator()(x509_st* p) const { X509_free(p); }
void OpensslDeleter::operator()(ECDSA_SIG_st* p) const { ECDSA_SIG_free(p); }

void openssl_failed(const char* what) {
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_peek_last_error(), reason.data(), reason.size());
  ERR_clear_error();
  throw std::runtime_error(std::string("OpenSSL failed: ") + what + ": " + reason.data());
}

void forget_openssl_errors() { ERR_clear_error(); }

std::string text_of(bio_st* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<size_t>(size)) : std::string();
}

}  // namespace gatehouse::jose
