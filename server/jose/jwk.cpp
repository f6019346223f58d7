#include "jose/jwk.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/params.h>

#include "base/encoding.h"
#include "jose/key.h"

namespace gatehouse::jose {
namespace {

constexpr size_t member_size_max = 2048;  // bytes of base64url; 8192 bits are 1366
constexpr const char* private_members[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};

Error refusal(std::string why) { return {Errc::invalid_argument, std::move(why)}; }

/// A member in base64url. `size` 0: any but none.
Result<std::string> bytes_member(const json::object& jwk, const char* name, size_t size = 0) {
  const std::optional<std::string_view> text = get_string(jwk, name);
  if (!text || text->empty() || text->size() > member_size_max) return refusal(std::string("The JWK has no usable member ") + name + ".");
  std::optional<std::string> bytes = base64url_decode(*text);
  if (!bytes) return refusal(std::string("The JWK's member ") + name + " is not base64url.");
  // RFC 7518 §6.2.1.2: coordinates have the curve's full size, leading zeros included.
  if (size != 0 && bytes->size() != size) return refusal(std::string("The JWK's member ") + name + " has the wrong length.");
  return std::move(*bytes);
}

/// Collects numbers and octets, then makes a key of them.
class KeyBuilder {
 public:
  KeyBuilder() : builder_(OSSL_PARAM_BLD_new()) {}
  ~KeyBuilder() { OSSL_PARAM_BLD_free(builder_); }
  KeyBuilder(const KeyBuilder&) = delete;
  KeyBuilder& operator=(const KeyBuilder&) = delete;

  void number(const char* name, std::string_view big_endian) {
    BIGNUM* value = BN_bin2bn(bytes_of(big_endian), static_cast<int>(big_endian.size()), nullptr);
    numbers_.emplace_back(value);
    if (!value || OSSL_PARAM_BLD_push_BN(builder_, name, value) != 1) openssl_failed("JWK");
  }
  void octets(const char* name, std::string bytes) {
    octets_.push_back(std::make_unique<std::string>(std::move(bytes)));
    if (OSSL_PARAM_BLD_push_octet_string(builder_, name, octets_.back()->data(), octets_.back()->size()) != 1) openssl_failed("JWK");
  }
  void text(const char* name, std::string_view value) {
    if (OSSL_PARAM_BLD_push_utf8_string(builder_, name, value.data(), value.size()) != 1) openssl_failed("JWK");
  }
  /// Null when the values make no key.
  Owned<EVP_PKEY> build(const char* type, int selection) {
    OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(builder_);
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1) EVP_PKEY_fromdata(context.get(), &key, selection, parameters);
    OSSL_PARAM_free(parameters);
    return Owned<EVP_PKEY>(key);
  }

 private:
  OSSL_PARAM_BLD* builder_;
  std::vector<Owned<BIGNUM>> numbers_;
  std::vector<std::unique_ptr<std::string>> octets_;
};

Result<Owned<EVP_PKEY>> read_rsa(const json::object& jwk, bool with_private) {
  KeyBuilder builder;
  TRY(const std::string n, bytes_member(jwk, "n"));
  TRY(const std::string e, bytes_member(jwk, "e"));
  builder.number(OSSL_PKEY_PARAM_RSA_N, n);
  builder.number(OSSL_PKEY_PARAM_RSA_E, e);
  if (with_private) {
    constexpr std::pair<const char*, const char*> members[] = {
        {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},    {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},
        {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1}, {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
    };
    for (const auto& [name, parameter] : members) {
      TRY(const SecretString value, [&]() -> Result<SecretString> {
        TRY(std::string bytes, bytes_member(jwk, name));
        return SecretString(std::move(bytes));
      }());
      builder.number(parameter, value.reveal());
    }
  }
  return builder.build("RSA", with_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
}

Result<Owned<EVP_PKEY>> read_ec(const json::object& jwk, const AlgorithmInfo& algorithm, bool with_private) {
  if (get_string(jwk, "crv") != algorithm.curve) return refusal("The JWK is on another curve than the algorithm's.");
  KeyBuilder builder;
  TRY(const std::string x, bytes_member(jwk, "x", algorithm.coordinate_size));
  TRY(const std::string y, bytes_member(jwk, "y", algorithm.coordinate_size));
  builder.text(OSSL_PKEY_PARAM_GROUP_NAME, algorithm.group);
  builder.octets(OSSL_PKEY_PARAM_PUB_KEY, "\x04" + x + y);  // uncompressed point (SEC 1 §2.3.3)
  if (with_private) {
    TRY(const std::string d, bytes_member(jwk, "d", algorithm.coordinate_size));
    builder.number(OSSL_PKEY_PARAM_PRIV_KEY, d);
  }
  return builder.build("EC", with_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
}

Result<Owned<EVP_PKEY>> read_okp(const json::object& jwk, const AlgorithmInfo& algorithm, bool with_private) {
  if (get_string(jwk, "crv") != algorithm.curve) return refusal("The JWK is on another curve than the algorithm's.");
  TRY(const std::string x, bytes_member(jwk, "x", algorithm.coordinate_size));
  if (!with_private) return Owned<EVP_PKEY>(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), x.size()));
  TRY(const std::string d, bytes_member(jwk, "d", algorithm.coordinate_size));
  Owned<EVP_PKEY> key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(d), d.size()));
  std::string derived(algorithm.coordinate_size, '\0');
  size_t size = derived.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), bytes_of(derived), &size) != 1 || derived != x) return Owned<EVP_PKEY>();
  return key;
}

/// Which algorithm the key is for, and whether its `use` and `key_ops` allow that.
Result<Algorithm> algorithm_of(const json::object& jwk, std::optional<Algorithm> wanted, std::string_view operation) {
  if (!wanted) {
    const std::optional<std::string_view> name = get_string(jwk, "alg");
    if (!name) return refusal("The JWK names no algorithm.");
    wanted = parse_algorithm(*name);
    if (!wanted) return refusal("The JWK names an unknown algorithm.");
  }
  if (jwk.contains("use") && get_string(jwk, "use") != "sig") return refusal("The JWK is not for signatures.");
  if (jwk.contains("key_ops") && std::ranges::count(get_strings(jwk, "key_ops"), operation) != 1) {
    return refusal("The JWK's key_ops do not allow this use.");
  }
  return *wanted;
}

Result<Owned<EVP_PKEY>> read_key(const json::object& jwk, Algorithm algorithm, bool with_private) {
  const AlgorithmInfo& wanted = info(algorithm);
  const std::optional<std::string_view> kty = get_string(jwk, "kty");
  Result<Owned<EVP_PKEY>> key = refusal("The JWK's kty does not fit the algorithm.");
  switch (wanted.scheme) {
    case Scheme::rsa_pkcs1:
    case Scheme::rsa_pss:
      if (kty == "RSA") key = read_rsa(jwk, with_private);
      break;
    case Scheme::ecdsa:
      if (kty == "EC") key = read_ec(jwk, wanted, with_private);
      break;
    case Scheme::eddsa:
      if (kty == "OKP") key = read_okp(jwk, wanted, with_private);
      break;
    case Scheme::hmac:
      break;
  }
  if (key && !*key) {
    forget_openssl_errors();
    return refusal("The JWK's members make no valid key.");
  }
  return key;
}

std::string big_endian(const EVP_PKEY* key, const char* parameter, size_t size = 0) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, parameter, &raw) != 1) openssl_failed("JWK");
  const Owned<BIGNUM> number(raw);
  std::string bytes(size ? size : static_cast<size_t>(BN_num_bytes(number.get())), '\0');
  if (BN_bn2binpad(number.get(), bytes_of(bytes), static_cast<int>(bytes.size())) < 0) openssl_failed("JWK");
  return bytes;
}

/// The members that make the key what it is (RFC 7638 §3.2), in the order of the alphabet.
std::vector<std::pair<std::string_view, std::string>> required_members(const EVP_PKEY* key, const AlgorithmInfo& algorithm) {
  switch (algorithm.scheme) {
    case Scheme::rsa_pkcs1:
    case Scheme::rsa_pss:
      return {{"e", base64url_encode(big_endian(key, OSSL_PKEY_PARAM_RSA_E))},
              {"kty", "RSA"},
              {"n", base64url_encode(big_endian(key, OSSL_PKEY_PARAM_RSA_N))}};
    case Scheme::ecdsa:
      return {{"crv", std::string(algorithm.curve)},
              {"kty", "EC"},
              {"x", base64url_encode(big_endian(key, OSSL_PKEY_PARAM_EC_PUB_X, algorithm.coordinate_size))},
              {"y", base64url_encode(big_endian(key, OSSL_PKEY_PARAM_EC_PUB_Y, algorithm.coordinate_size))}};
    case Scheme::eddsa: {
      std::string x(algorithm.coordinate_size, '\0');
      size_t size = x.size();
      if (EVP_PKEY_get_raw_public_key(key, bytes_of(x), &size) != 1) openssl_failed("JWK");
      return {{"crv", std::string(algorithm.curve)}, {"kty", "OKP"}, {"x", base64url_encode(x)}};
    }
    case Scheme::hmac:
      break;
  }
  return {};
}

}  // namespace

Result<PublicKey> PublicKey::from_jwk(const json::object& jwk, std::optional<Algorithm> algorithm) {
  for (const char* name : private_members) {
    if (jwk.contains(name)) return refusal("The JWK holds a private key.");
  }
  TRY(const Algorithm wanted, algorithm_of(jwk, algorithm, "verify"));
  TRY(Owned<EVP_PKEY> key, read_key(jwk, wanted, false));
  return make_public_key(std::move(key), wanted);
}

Result<PrivateKey> PrivateKey::from_jwk(const json::object& jwk, std::optional<Algorithm> algorithm) {
  TRY(const Algorithm wanted, algorithm_of(jwk, algorithm, "sign"));
  TRY(Owned<EVP_PKEY> key, read_key(jwk, wanted, true));
  return make_private_key(std::move(key), wanted);
}

json::object PublicKey::to_jwk(std::string_view kid) const {
  const auto members = required_members(impl_->key.get(), info(impl_->algorithm));
  const auto put = [&](json::object& jwk, std::string_view name) {
    for (const auto& [key, value] : members) {
      if (key == name) jwk[name] = value;
    }
  };
  json::object jwk;
  put(jwk, "kty");
  jwk["use"] = "sig";
  for (const std::string_view name : {"n", "e", "crv", "x", "y"}) put(jwk, name);
  if (!kid.empty()) jwk["kid"] = kid;
  jwk["alg"] = to_string(impl_->algorithm);
  return jwk;
}

std::string PublicKey::thumbprint() const {
  json::object required;
  for (const auto& [name, value] : required_members(impl_->key.get(), info(impl_->algorithm))) required[name] = value;
  return base64url_encode(crypto::sha256(json::serialize(required)));
}

}  // namespace gatehouse::jose
