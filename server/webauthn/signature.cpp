#include "webauthn/signature.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>

#include <memory>
#include <optional>
#include <string>

#include "webauthn/cbor.h"

namespace gatehouse::webauthn {
namespace {

Error malformed(std::string detail) { return {Errc::invalid_argument, "The public key does not parse.", std::move(detail)}; }

const unsigned char* raw(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

/// libfido2 frees through a pointer to the pointer.
template <auto free>
struct Freeing {
  template <class T>
  void operator()(T* object) const {
    free(&object);
  }
};
using EddsaKey = std::unique_ptr<eddsa_pk_t, Freeing<eddsa_pk_free>>;
using Es256Key = std::unique_ptr<es256_pk_t, Freeing<es256_pk_free>>;
using Rs256Key = std::unique_ptr<rs256_pk_t, Freeing<rs256_pk_free>>;
using Assertion = std::unique_ptr<fido_assert_t, Freeing<fido_assert_free>>;

/// The parameters of a COSE_Key by their labels. -1 is the curve of an elliptic key and the modulus of an RSA key.
struct CoseKey {
  int64_t type = 0, algorithm = 0, curve = 0;
  std::string_view first, second, third;  ///< values of -1 (bytes), -2, -3
};

std::optional<CoseKey> parse(std::string_view bytes) {
  CborReader reader(bytes);
  const auto pairs = reader.map();
  if (!pairs || *pairs > 8) return std::nullopt;
  CoseKey key;
  unsigned seen = 0;  // a label that is there twice could mean one thing here and another elsewhere
  for (uint64_t i = 0; i < *pairs; ++i) {
    const auto label = reader.integer();
    if (!label) return std::nullopt;
    const unsigned bit = *label == 1 ? 1U : *label == 3 ? 2U : *label == -1 ? 4U : *label == -2 ? 8U : *label == -3 ? 16U : 0U;
    if (seen & bit) return std::nullopt;
    seen |= bit;
    const bool is_integer = reader.next() == CborReader::Kind::unsigned_integer || reader.next() == CborReader::Kind::negative_integer;
    if (*label == 1 && is_integer)
      key.type = reader.integer().value_or(0);
    else if (*label == 3 && is_integer)
      key.algorithm = reader.integer().value_or(0);
    else if (*label == -1 && is_integer)
      key.curve = reader.integer().value_or(0);
    else if (*label == -1)
      key.first = reader.bytes().value_or("");
    else if (*label == -2)
      key.second = reader.bytes().value_or("");
    else if (*label == -3)
      key.third = reader.bytes().value_or("");
    else
      reader.skip(1);
    if (reader.failed()) return std::nullopt;
  }
  return reader.done() ? std::optional(key) : std::nullopt;
}

/// A key in libfido2's form, whichever it is.
struct Key {
  Algorithm algorithm;
  EddsaKey eddsa{};
  Es256Key es256{};
  Rs256Key rs256{};
  [[nodiscard]] const void* get() const {
    return eddsa ? static_cast<const void*>(eddsa.get()) : es256 ? es256.get() : static_cast<const void*>(rs256.get());
  }
};

Result<Key> load(std::string_view cose_key) {
  const auto cose = parse(cose_key);
  if (!cose) return malformed("not a COSE_Key");
  if (cose->algorithm == static_cast<int>(Algorithm::EdDSA)) {
    if (cose->type != 1 || cose->curve != 6 || cose->first.size() || cose->second.size() != 32)
      return malformed("EdDSA: not an Ed25519 key");
    Key key{.algorithm = Algorithm::EdDSA, .eddsa = EddsaKey(eddsa_pk_new())};
    if (!key.eddsa || eddsa_pk_from_ptr(key.eddsa.get(), cose->second.data(), 32) != FIDO_OK) return malformed("EdDSA");
    return key;
  }
  if (cose->algorithm == static_cast<int>(Algorithm::ES256)) {
    if (cose->type != 2 || cose->curve != 1 || cose->second.size() != 32 || cose->third.size() != 32)
      return malformed("ES256: not a P-256 key");
    const std::string point = std::string(cose->second) + std::string(cose->third);
    Key key{.algorithm = Algorithm::ES256, .es256 = Es256Key(es256_pk_new())};
    // A point that is not on the curve is refused here.
    if (!key.es256 || es256_pk_from_ptr(key.es256.get(), point.data(), point.size()) != FIDO_OK) return malformed("ES256: no such point");
    return key;
  }
  if (cose->algorithm == static_cast<int>(Algorithm::RS256)) {
    if (cose->type != 3 || cose->first.size() != 256 || cose->second.size() != 3 || !(cose->first[0] & 0x80))
      return malformed("RS256: not 2048 bits");
    const std::string numbers = std::string(cose->first) + std::string(cose->second);
    Key key{.algorithm = Algorithm::RS256, .rs256 = Rs256Key(rs256_pk_new())};
    if (!key.rs256 || rs256_pk_from_ptr(key.rs256.get(), numbers.data(), numbers.size()) != FIDO_OK) return malformed("RS256");
    return key;
  }
  return malformed("an algorithm that was not asked for");
}

}  // namespace

Result<Algorithm> check_public_key(std::string_view cose_key) {
  TRY(const Key key, load(cose_key));
  return key.algorithm;
}

Result<bool> verify_signature(std::string_view cose_key, std::string_view rp_id, std::string_view authenticator_data,
                              std::string_view client_data_hash, std::string_view signature) {
  TRY(const Key key, load(cose_key));
  const Assertion assertion(fido_assert_new());
  if (!assertion) return Error{Errc::overloaded, "Out of memory"};
  const std::string id(rp_id);
  if (fido_assert_set_rp(assertion.get(), id.c_str()) != FIDO_OK || fido_assert_set_count(assertion.get(), 1) != FIDO_OK ||
      fido_assert_set_clientdata_hash(assertion.get(), raw(client_data_hash), client_data_hash.size()) != FIDO_OK ||
      fido_assert_set_authdata_raw(assertion.get(), 0, raw(authenticator_data), authenticator_data.size()) != FIDO_OK ||
      fido_assert_set_sig(assertion.get(), 0, raw(signature), signature.size()) != FIDO_OK ||
      fido_assert_set_up(assertion.get(), FIDO_OPT_TRUE) != FIDO_OK)
    return Error{Errc::invalid_argument, "The assertion does not parse."};
  return fido_assert_verify(assertion.get(), 0, static_cast<int>(key.algorithm), key.get()) == FIDO_OK;
}

}  // namespace gatehouse::webauthn
