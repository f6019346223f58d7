#include "jose/jwk.h"

#include <gtest/gtest.h>

#include "jose/testing.h"

namespace gatehouse::jose {
namespace {

TEST(Algorithms, have_names_that_parse_back_and_none_is_not_one) {
  for (int i = 0; i <= static_cast<int>(Algorithm::HS512); ++i) {
    const auto algorithm = static_cast<Algorithm>(i);
    EXPECT_EQ(parse_algorithm(to_string(algorithm)), algorithm);
  }
  for (const char* name : {"none", "None", "NONE", "nOnE", "", "rs256", "RS256 ", "HS1", "ES256K", "A256GCM"}) {
    EXPECT_FALSE(parse_algorithm(name)) << name;
  }
}

// RFC 7515 appendix A, RFC 7520 §4, RFC 8037 appendix A.
TEST(Vectors, of_the_RFCs_verify_and_sign) {
  const json::value vectors = test_vectors("jws.json");
  for (const json::value& vector : vectors.as_array()) {
    const json::object& v = vector.as_object();
    const std::string name(*get_string(v, "name"));
    const Algorithm algorithm = *parse_algorithm(*get_string(v, "alg"));
    const std::string jws(*get_string(v, "jws"));
    const std::string input = jws.substr(0, jws.rfind('.'));
    const std::string signature = *base64url_decode(jws.substr(jws.rfind('.') + 1));
    const json::object& jwk = *get_object(v, "key");
    const bool deterministic = *get_bool(v, "deterministic");
    if (is_symmetric(algorithm)) {
      EXPECT_EQ(crypto::hmac(info(algorithm).digest, *base64url_decode(*get_string(jwk, "k")), input), signature) << name;
      continue;
    }
    json::object public_jwk = jwk;
    for (const char* member : {"d", "p", "q", "dp", "dq", "qi"}) public_jwk.erase(member);
    const auto public_key = PublicKey::from_jwk(public_jwk, algorithm);
    ASSERT_TRUE(public_key.ok()) << name << ": " << public_key.error().message;
    EXPECT_TRUE(public_key->verify(input, signature)) << name;
    EXPECT_FALSE(public_key->verify(input + "x", signature)) << name;
    if (!jwk.contains("d")) continue;
    EXPECT_FALSE(PublicKey::from_jwk(jwk, algorithm).ok()) << name << ": a private key is no public one";
    const auto private_key = PrivateKey::from_jwk(jwk, algorithm);
    ASSERT_TRUE(private_key.ok()) << name << ": " << private_key.error().message;
    const std::string own = private_key->sign(input);
    EXPECT_TRUE(public_key->verify(input, own)) << name;
    if (deterministic) {
      EXPECT_EQ(own, signature) << name;
    } else {
      EXPECT_EQ(own.size(), signature.size()) << name;
      EXPECT_NE(own, signature) << name;
    }
  }
}

TEST(Vectors, of_RFC_7638_and_8037_give_the_thumbprint) {
  const json::value vectors = test_vectors("jwk.json");
  for (const json::value& vector : vectors.as_array()) {
    const json::object& v = vector.as_object();
    const json::object& jwk = *get_object(v, "key");
    const auto key = PublicKey::from_jwk(jwk, parse_algorithm(*get_string(v, "alg")));
    ASSERT_TRUE(key.ok()) << *get_string(v, "name") << ": " << key.error().message;
    if (const auto thumbprint = get_string(v, "thumbprint")) {
      EXPECT_EQ(key->thumbprint(), *thumbprint) << *get_string(v, "name");
    }
    const json::object out = key->to_jwk();
    for (const char* member : {"kty", "n", "e", "crv", "x", "y"}) {
      EXPECT_EQ(get_string(out, member), get_string(jwk, member)) << *get_string(v, "name") << " " << member;
    }
  }
}

class EveryAlgorithm : public testing::TestWithParam<Algorithm> {};
INSTANTIATE_TEST_SUITE_P(Jose, EveryAlgorithm, testing::ValuesIn(asymmetric_algorithms),
                         [](const auto& row) { return std::string(to_string(row.param)); });

TEST_P(EveryAlgorithm, signs_what_its_public_key_verifies) {
  const PrivateKey& key = test_key(GetParam());
  const std::string signature = key.sign("text");
  EXPECT_TRUE(key.public_key().verify("text", signature));
  EXPECT_FALSE(key.public_key().verify("other", signature));
  EXPECT_FALSE(key.public_key().verify("", signature));
  EXPECT_TRUE(key.public_key().verify("", key.sign("")));
}

TEST_P(EveryAlgorithm, refuses_touched_cut_long_empty_and_zero_signatures) {
  const PrivateKey& key = test_key(GetParam());
  const PublicKey public_key = key.public_key();
  const std::string signature = key.sign("text");
  for (size_t at = 0; at < signature.size(); at += 7) {
    std::string touched = signature;
    touched[at] = static_cast<char>(touched[at] ^ 0x10);
    EXPECT_FALSE(public_key.verify("text", touched)) << at;
  }
  EXPECT_FALSE(public_key.verify("text", ""));
  EXPECT_FALSE(public_key.verify("text", signature.substr(1)));
  EXPECT_FALSE(public_key.verify("text", signature.substr(0, signature.size() - 1)));
  EXPECT_FALSE(public_key.verify("text", signature + std::string(1, '\0')));
  EXPECT_FALSE(public_key.verify("text", std::string(1, '\0') + signature));
  EXPECT_FALSE(public_key.verify("text", std::string(signature.size(), '\0')));
  EXPECT_FALSE(public_key.verify("text", std::string(signature.size(), '\xff')));
  EXPECT_TRUE(public_key.verify("text", signature)) << "and is not upset by all that";
}

TEST_P(EveryAlgorithm, goes_through_PEM_and_JWK_and_back) {
  const PrivateKey& key = test_key(GetParam());
  const SecretString pem = key.to_pem();
  EXPECT_TRUE(pem.reveal().starts_with("-----BEGIN PRIVATE KEY-----"));
  const auto again = PrivateKey::from_pem(pem.reveal(), GetParam());
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(key.public_key().verify("text", again->sign("text")));
  const auto from_pem = PublicKey::from_pem(key.public_key().to_pem(), GetParam());
  ASSERT_TRUE(from_pem.ok());
  EXPECT_TRUE(from_pem->verify("text", key.sign("text")));
  const json::object jwk = key.public_key().to_jwk("the kid");
  EXPECT_EQ(get_string(jwk, "kid"), "the kid");
  EXPECT_EQ(get_string(jwk, "use"), "sig");
  EXPECT_EQ(get_string(jwk, "alg"), to_string(GetParam()));
  for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "k"}) EXPECT_FALSE(jwk.contains(member)) << member;
  const auto from_jwk = PublicKey::from_jwk(jwk);
  ASSERT_TRUE(from_jwk.ok()) << from_jwk.error().message;
  EXPECT_TRUE(from_jwk->verify("text", key.sign("text")));
  EXPECT_EQ(from_jwk->thumbprint(), key.public_key().thumbprint());
}

TEST_P(EveryAlgorithm, serves_no_other_algorithm) {
  const PrivateKey& key = test_key(GetParam());
  const SecretString pem = key.to_pem();
  for (const Algorithm other : asymmetric_algorithms) {
    if (other == GetParam()) continue;
    EXPECT_FALSE(test_key(other).public_key().verify("text", key.sign("text"))) << to_string(other);
    const Scheme scheme = info(GetParam()).scheme;
    const bool both_rsa = (scheme == Scheme::rsa_pkcs1 || scheme == Scheme::rsa_pss) &&
                          (info(other).scheme == Scheme::rsa_pkcs1 || info(other).scheme == Scheme::rsa_pss);
    EXPECT_EQ(PrivateKey::from_pem(pem.reveal(), other).ok(), both_rsa) << to_string(other);
    EXPECT_EQ(PublicKey::from_pem(key.public_key().to_pem(), other).ok(), both_rsa) << to_string(other);
  }
  for (const Algorithm shared_secret : {Algorithm::HS256, Algorithm::HS384, Algorithm::HS512}) {
    EXPECT_FALSE(PublicKey::from_pem(key.public_key().to_pem(), shared_secret).ok());
    EXPECT_FALSE(PublicKey::from_jwk(key.public_key().to_jwk(), shared_secret).ok());
  }
}

TEST_P(EveryAlgorithm, signs_on_many_threads_at_once) {
  const PrivateKey& key = test_key(GetParam());
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        const std::string text = std::to_string(t) + "/" + std::to_string(i);
        wrong += !key.public_key().verify(text, key.sign(text));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(PrivateKey, of_which_there_are_many_each_signs_for_itself) {  // more than a thread keeps contexts for
  std::vector<PrivateKey> keys;
  for (int i = 0; i < 300; ++i) keys.push_back(*PrivateKey::generate(Algorithm::ES256));
  for (int round = 0; round < 2; ++round) {
    for (const PrivateKey& key : keys) ASSERT_TRUE(key.public_key().verify("text", key.sign("text")));
  }
}

TEST(PrivateKey, is_no_shared_secret) { EXPECT_FALSE(PrivateKey::generate(Algorithm::HS256).ok()); }

TEST(Ecdsa, signatures_with_a_zero_or_a_value_above_the_order_are_refused) {
  const PrivateKey& key = test_key(Algorithm::ES256);
  const std::string signature = key.sign("text");
  const std::string order = *hex_decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  const std::string zero(32, '\0');
  const std::string r = signature.substr(0, 32);
  const std::string s = signature.substr(32);
  for (const std::string& bad : {zero + s, r + zero, zero + zero, order + s, r + order, order + order, std::string(64, '\xff')}) {
    EXPECT_FALSE(key.public_key().verify("text", bad)) << hex_encode(bad);
  }
  EXPECT_TRUE(key.public_key().verify("text", r + s));
}

json::object ec_jwk() { return test_key(Algorithm::ES256).public_key().to_jwk(); }
json::object rsa_jwk() { return test_key(Algorithm::RS256).public_key().to_jwk(); }
json::object okp_jwk() { return test_key(Algorithm::EdDSA).public_key().to_jwk(); }
template <class T>
json::object with(json::object jwk, std::string_view member, const T& value) {
  jwk[member] = value;
  return jwk;
}
json::object without(json::object jwk, std::string_view member) {
  jwk.erase(member);
  return jwk;
}

TEST(Jwk, that_is_malformed_weak_or_for_something_else_is_refused) {
  const std::string small_modulus = base64url_encode(std::string(128, '\xc5'));
  const std::string even_modulus = base64url_encode(std::string(255, '\xc5') + '\x04');
  const std::string huge_modulus = base64url_encode(std::string(1100, '\xc5'));
  const struct {
    const char* name;
    json::object jwk;
  } cases[] = {
      {"empty", {}},
      {"no alg", without(rsa_jwk(), "alg")},
      {"alg none", with(rsa_jwk(), "alg", "none")},
      {"alg is a number", with(rsa_jwk(), "alg", 256)},
      {"alg is an array", with(rsa_jwk(), "alg", json::array{"RS256"})},
      {"alg of another kind of key", with(rsa_jwk(), "alg", "ES256")},
      {"alg of a shared secret", with(rsa_jwk(), "alg", "HS256")},
      {"no kty", without(rsa_jwk(), "kty")},
      {"kty of another kind", with(rsa_jwk(), "kty", "EC")},
      {"a shared secret", {{"kty", "oct"}, {"k", "c2VjcmV0"}, {"alg", "HS256"}}},
      {"for encryption", with(rsa_jwk(), "use", "enc")},
      {"use is not a string", with(rsa_jwk(), "use", json::array{"sig"})},
      {"only for signing", with(rsa_jwk(), "key_ops", json::array{"sign"})},
      {"key_ops is not an array", with(rsa_jwk(), "key_ops", "verify")},
      {"private exponent", with(rsa_jwk(), "d", "AQAB")},
      {"private prime", with(rsa_jwk(), "p", "AQAB")},
      {"no modulus", without(rsa_jwk(), "n")},
      {"modulus of 1024 bits", with(rsa_jwk(), "n", small_modulus)},
      {"modulus of 8800 bits", with(rsa_jwk(), "n", huge_modulus)},
      {"even modulus", with(rsa_jwk(), "n", even_modulus)},
      {"modulus is a number", with(rsa_jwk(), "n", 5)},
      {"modulus is zero", with(rsa_jwk(), "n", "AA")},
      {"modulus in base64 with padding", with(rsa_jwk(), "n", std::string(*get_string(rsa_jwk(), "n")) + "==")},
      {"modulus with a blank", with(rsa_jwk(), "n", " " + std::string(*get_string(rsa_jwk(), "n")))},
      {"no exponent", without(rsa_jwk(), "e")},
      {"exponent 1", with(rsa_jwk(), "e", "AQ")},
      {"exponent 3", with(rsa_jwk(), "e", "Aw")},
      {"even exponent", with(rsa_jwk(), "e", "AQAC")},
      {"exponent of 2048 bits", with(rsa_jwk(), "e", base64url_encode(std::string(256, '\x7f')))},
      {"unknown curve", with(ec_jwk(), "crv", "secp256k1")},
      {"curve of another algorithm", with(ec_jwk(), "crv", "P-384")},
      {"no curve", without(ec_jwk(), "crv")},
      {"no x", without(ec_jwk(), "x")},
      {"no y", without(ec_jwk(), "y")},
      {"x cut", with(ec_jwk(), "x", base64url_encode(std::string(31, 'x')))},
      {"x too long", with(ec_jwk(), "x", base64url_encode(std::string(1, '\0') + *base64url_decode(*get_string(ec_jwk(), "x"))))},
      {"point off the curve", with(ec_jwk(), "x", base64url_encode(std::string(32, 'x')))},
      {"point at infinity",
       with(with(ec_jwk(), "x", base64url_encode(std::string(32, '\0'))), "y", base64url_encode(std::string(32, '\0')))},
      {"private EC key", with(ec_jwk(), "d", base64url_encode(std::string(32, 'd')))},
      {"Ed448", with(okp_jwk(), "crv", "Ed448")},
      {"X25519", with(okp_jwk(), "crv", "X25519")},
      {"Ed25519 cut", with(okp_jwk(), "x", base64url_encode(std::string(31, 'x')))},
      {"Ed25519 without x", without(okp_jwk(), "x")},
  };
  for (const auto& c : cases) {
    const auto key = PublicKey::from_jwk(c.jwk);
    ASSERT_FALSE(key.ok()) << c.name;
    EXPECT_EQ(key.error().code, Errc::invalid_argument) << c.name;
    EXPECT_FALSE(key.error().message.empty()) << c.name;
  }
}

TEST(Jwk, needs_no_alg_when_the_caller_names_it_and_his_word_wins) {
  EXPECT_EQ(PublicKey::from_jwk(without(rsa_jwk(), "alg"), Algorithm::PS256)->algorithm(), Algorithm::PS256);
  EXPECT_EQ(PublicKey::from_jwk(rsa_jwk(), Algorithm::RS512)->algorithm(), Algorithm::RS512);
  EXPECT_TRUE(PublicKey::from_jwk(with(rsa_jwk(), "key_ops", json::array{"verify"})).ok());
  EXPECT_TRUE(PublicKey::from_jwk(without(rsa_jwk(), "use")).ok());
}

TEST(PrivateJwk, whose_halves_do_not_belong_together_is_refused) {
  json::object jwk = okp_jwk();
  jwk["d"] = base64url_encode(std::string(32, 'd'));
  EXPECT_FALSE(PrivateKey::from_jwk(jwk).ok());
  EXPECT_FALSE(PrivateKey::from_jwk(rsa_jwk()).ok());
  EXPECT_FALSE(PrivateKey::from_jwk(ec_jwk()).ok());
}

TEST(Pem, that_is_weak_broken_or_encrypted_is_refused) {
  const std::string weak =  // RSA-1024
      "-----BEGIN PUBLIC KEY-----\n"
      "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXF\n"
      "xcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxQIDAQAB\n"
      "-----END PUBLIC KEY-----\n";
  EXPECT_FALSE(PublicKey::from_pem(weak, Algorithm::RS256).ok());
  for (const std::string text :
       {"", "x", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"}) {
    EXPECT_FALSE(PublicKey::from_pem(text, Algorithm::RS256).ok()) << text;
    EXPECT_FALSE(PrivateKey::from_pem(text, Algorithm::RS256).ok()) << text;
  }
  EXPECT_FALSE(PublicKey::from_pem(std::string(100'000, 'x'), Algorithm::RS256).ok());
  EXPECT_FALSE(PublicKey::from_pem(test_key(Algorithm::RS256).to_pem().reveal(), Algorithm::RS256).ok())
      << "a private key is no public one";
}

}  // namespace
}  // namespace gatehouse::jose
