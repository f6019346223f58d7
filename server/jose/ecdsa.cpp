#include <openssl/bn.h>
#include <openssl/ecdsa.h>

#include "jose/key.h"

namespace gatehouse::jose {

std::string ecdsa_der_to_raw(std::string_view der, size_t coordinate_size) {
  const unsigned char* at = bytes_of(der);
  const Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::string raw(2 * coordinate_size, '\0');
  const int size = static_cast<int>(coordinate_size);
  if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytes_of(raw), size) != size ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytes_of(raw) + coordinate_size, size) != size) {
    openssl_failed("ECDSA signature");
  }
  return raw;
}

std::optional<std::string> ecdsa_raw_to_der(std::string_view raw, size_t coordinate_size) {
  if (raw.size() != 2 * coordinate_size) return std::nullopt;
  const int size = static_cast<int>(coordinate_size);
  Owned<BIGNUM> r(BN_bin2bn(bytes_of(raw), size, nullptr));
  Owned<BIGNUM> s(BN_bin2bn(bytes_of(raw) + coordinate_size, size, nullptr));
  const Owned<ECDSA_SIG> signature(ECDSA_SIG_new());
  if (!r || !s || !signature) openssl_failed("ECDSA signature");
  if (BN_is_zero(r.get()) || BN_is_zero(s.get())) return std::nullopt;
  if (ECDSA_SIG_set0(signature.get(), r.release(), s.release()) != 1) openssl_failed("ECDSA signature");
  std::string der(static_cast<size_t>(i2d_ECDSA_SIG(signature.get(), nullptr)), '\0');
  unsigned char* out = bytes_of(der);
  i2d_ECDSA_SIG(signature.get(), &out);
  return der;
}

}  // namespace gatehouse::jose
