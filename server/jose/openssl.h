#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

// OpenSSL's types, declared as its own headers do, so that these stay in .cpp files.
struct evp_pkey_st;
struct evp_pkey_ctx_st;
struct evp_md_ctx_st;
struct bignum_st;
struct bio_st;
struct x509_st;
struct ECDSA_SIG_st;

namespace gatehouse::jose {

/// Frees what OpenSSL allocated.
struct OpensslDeleter {
  void operator()(evp_pkey_st* p) const;
  void operator()(evp_pkey_ctx_st* p) const;
  void operator()(evp_md_ctx_st* p) const;
  void operator()(bignum_st* p) const;  ///< wiped first
  void operator()(bio_st* p) const;
  void operator()(x509_st* p) const;
  void operator()(ECDSA_SIG_st* p) const;
};
template <class T>
using Owned = std::unique_ptr<T, OpensslDeleter>;

/// Throws std::runtime_error naming what OpenSSL could not do, and empties its error queue: for what cannot fail with keys that
/// were checked before.
[[noreturn]] void openssl_failed(const char* what);
/// Empties the thread's error queue after a failure that was expected, so that the next TLS read does not find it there.
void forget_openssl_errors();

inline const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
inline unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

/// The text that was written to a memory BIO.
std::string text_of(bio_st* bio);

}  // namespace gatehouse::jose
