#include "webauthn/testing.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/encoding.h"
#include "crypto/crypto.h"
#include "crypto/random.h"

namespace gatehouse::webauthn {

std::string cbor_head(unsigned kind, uint64_t value) {
  std::string out;
  const auto first = static_cast<unsigned char>(kind << 5);
  const int width = value < 24 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x100000000 ? 4 : 8;
  if (width == 0) return {static_cast<char>(first | value)};
  out += static_cast<char>(first | (width == 1 ? 24 : width == 2 ? 25 : width == 4 ? 26 : 27));
  for (int i = width - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
  return out;
}
std::string cbor_integer(int64_t value) {
  return value >= 0 ? cbor_head(0, static_cast<uint64_t>(value)) : cbor_head(1, static_cast<uint64_t>(-1 - value));
}
std::string cbor_text(std::string_view text) { return cbor_head(3, text.size()) + std::string(text); }
std::string cbor_bytes(std::string_view bytes) { return cbor_head(2, bytes.size()) + std::string(bytes); }

namespace {

using Pkey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Pkey make(Algorithm algorithm) {
  EVP_PKEY* key = algorithm == Algorithm::EdDSA   ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                  : algorithm == Algorithm::ES256 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
                                                  : EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{2048});
  return {key, &EVP_PKEY_free};
}

std::string number(const EVP_PKEY* key, const char* name, int size) {
  BIGNUM* value = nullptr;
  EVP_PKEY_get_bn_param(key, name, &value);
  std::string out(static_cast<size_t>(size), '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), size);
  BN_free(value);
  return out;
}

std::string cose_key(const EVP_PKEY* key, Algorithm algorithm) {
  const auto pair = [](int64_t label, const std::string& value) { return cbor_integer(label) + value; };
  const std::string alg = pair(3, cbor_integer(static_cast<int>(algorithm)));
  switch (algorithm) {
    case Algorithm::EdDSA: {
      std::string x(32, '\0');
      size_t size = x.size();
      EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(x.data()), &size);
      return cbor_head(5, 4) + pair(1, cbor_integer(1)) + alg + pair(-1, cbor_integer(6)) + pair(-2, cbor_bytes(x));
    }
    case Algorithm::ES256:
      return cbor_head(5, 5) + pair(1, cbor_integer(2)) + alg + pair(-1, cbor_integer(1)) +
             pair(-2, cbor_bytes(number(key, OSSL_PKEY_PARAM_EC_PUB_X, 32))) +
             pair(-3, cbor_bytes(number(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32)));
    case Algorithm::RS256:
      return cbor_head(5, 4) + pair(1, cbor_integer(3)) + alg + pair(-1, cbor_bytes(number(key, OSSL_PKEY_PARAM_RSA_N, 256))) +
             pair(-2, cbor_bytes(number(key, OSSL_PKEY_PARAM_RSA_E, 3)));
  }
  return {};
}

std::string sign(EVP_PKEY* key, Algorithm algorithm, std::string_view data) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestSignInit(context.get(), nullptr, algorithm == Algorithm::EdDSA ? nullptr : EVP_sha256(), nullptr, key);
  std::string out(512, '\0');
  size_t size = out.size();
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, reinterpret_cast<const unsigned char*>(data.data()),
                 data.size());
  out.resize(size);
  return out;
}

}  // namespace

struct TestAuthenticator::Keys {
  Pkey own, other;
};

TestAuthenticator::TestAuthenticator(Algorithm algorithm, std::string origin)
    : credential_id(crypto::SystemRandom().bytes(32)),
      keys_(new Keys{make(algorithm), make(algorithm)}),
      algorithm_(algorithm),
      origin_(std::move(origin)) {}
TestAuthenticator::~TestAuthenticator() = default;

std::string TestAuthenticator::client_data(std::string_view type, const json::object& options, const Lies& lies) const {
  json::object data{{"type", lies.type.value_or(std::string(type))},
                    {"challenge", lies.challenge ? base64url_encode(*lies.challenge) : std::string(*get_string(options, "challenge"))},
                    {"origin", lies.origin.value_or(origin_)},
                    {"crossOrigin", lies.cross_origin.value_or(false)}};
  std::string text = json::serialize(data);
  text.insert(text.size() - 1, lies.client_data);
  return text;
}

std::string TestAuthenticator::authenticator_data(std::string_view rp_id, bool attested, const Lies& lies) {
  if (counts) ++sign_count_;
  const uint32_t count = lies.sign_count.value_or(sign_count_);
  std::string out = crypto::sha256(lies.rp_id.value_or(std::string(rp_id)));
  const bool verified = lies.user_verified.value_or(user_verified);
  unsigned flags = (lies.user_present.value_or(true) ? 0x01U : 0U) | (verified ? 0x04U : 0U) |
                   (lies.backup_eligible.value_or(false) ? 0x08U : 0U) | (lies.backed_up.value_or(false) ? 0x10U : 0U);
  flags |= (attested ? 0x40U : 0U) | (lies.extensions ? 0x80U : 0U);
  out += static_cast<char>(flags);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(count >> shift);
  if (attested) {
    out += std::string(16, '\x2a');
    out += static_cast<char>(credential_id.size() >> 8);
    out += static_cast<char>(credential_id.size());
    out += credential_id + cose_key(keys_->own.get(), algorithm_);
  }
  if (lies.extensions) out += cbor_head(5, 1) + cbor_text("example") + cbor_head(7, 21);
  if (lies.trailing) out += "more";
  return out;
}

json::object TestAuthenticator::create(const json::object& options, const Lies& lies) {
  user_handle_ = base64url_decode(options.at("user").at("id").as_string()).value_or("");
  const std::string client = client_data("webauthn.create", options, lies);
  const std::string data = authenticator_data(options.at("rp").at("id").as_string(), true, lies);
  std::string statement = cbor_head(5, 0);
  if (lies.attestation)
    statement = cbor_head(5, 2) + cbor_text("alg") + cbor_integer(static_cast<int>(algorithm_)) + cbor_text("sig") +
                cbor_bytes(sign(keys_->own.get(), algorithm_, data + crypto::sha256(client)));
  const std::string object = cbor_head(5, 3) + cbor_text("fmt") + cbor_text(lies.attestation ? "packed" : "none") + cbor_text("attStmt") +
                             statement + cbor_text("authData") + cbor_bytes(data);
  const std::string id = base64url_encode(credential_id);
  return {{"id", id},
          {"rawId", id},
          {"type", "public-key"},
          {"authenticatorAttachment", "platform"},
          {"response", json::object{{"clientDataJSON", base64url_encode(client)},
                                    {"attestationObject", base64url_encode(object)},
                                    {"transports", json::array{"internal", "hybrid", "internal", "telepathy"}}}},
          {"clientExtensionResults", json::object{}}};
}

json::object TestAuthenticator::get(const json::object& options, const Lies& lies) {
  const std::string client = client_data("webauthn.get", options, lies);
  const std::string data = authenticator_data(options.at("rpId").as_string(), false, lies);
  EVP_PKEY* key = lies.another_key ? keys_->other.get() : keys_->own.get();
  const std::string id = base64url_encode(credential_id);
  return {{"id", id},
          {"rawId", id},
          {"type", "public-key"},
          {"authenticatorAttachment", "platform"},
          {"response", json::object{{"clientDataJSON", base64url_encode(client)},
                                    {"authenticatorData", base64url_encode(data)},
                                    {"signature", base64url_encode(sign(key, algorithm_, data + crypto::sha256(client)))},
                                    {"userHandle", base64url_encode(lies.user_handle.value_or(user_handle_))}}},
          {"clientExtensionResults", json::object{}}};
}

}  // namespace gatehouse::webauthn
