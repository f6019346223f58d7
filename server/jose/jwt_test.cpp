#include "jose/jwt.h"

#include <gtest/gtest.h>

#include "jose/testing.h"

namespace gatehouse::jose {
namespace {

const json::object claims{{"iss", "https://localhost:8443/"}, {"sub", "auth0|1"}, {"exp", 1'800'000'000}};

std::string compact(std::string_view header, std::string_view payload = R"({"sub":"x"})", std::string_view signature = "sig") {
  return base64url_encode(header) + "." + base64url_encode(payload) + "." + base64url_encode(signature);
}

TEST(SignJwt, writes_the_header_in_Auth0s_order) {
  const std::string token = sign_jwt(test_key(Algorithm::ES256), "the kid", "at+jwt", claims);
  EXPECT_EQ(*base64url_decode(token.substr(0, token.find('.'))), R"({"alg":"ES256","typ":"at+jwt","kid":"the kid"})");
  const std::string bare = sign_jwt(test_key(Algorithm::ES256), "", "", claims);
  EXPECT_EQ(*base64url_decode(bare.substr(0, bare.find('.'))), R"({"alg":"ES256"})");
  const std::string hs = sign_jwt_hs(Algorithm::HS256, "secret", "JWT", claims);
  EXPECT_EQ(*base64url_decode(hs.substr(0, hs.find('.'))), R"({"alg":"HS256","typ":"JWT"})");
}

TEST(SignJwt, gives_a_token_that_parses_and_verifies_with_every_algorithm) {
  for (const Algorithm algorithm : asymmetric_algorithms) {
    const auto jwt = ParsedJwt::parse(sign_jwt(test_key(algorithm), "kid", "JWT", claims));
    ASSERT_TRUE(jwt.ok()) << to_string(algorithm);
    EXPECT_EQ(jwt->claims, claims);
    EXPECT_EQ(jwt->kid, "kid");
    EXPECT_EQ(jwt->algorithm, to_string(algorithm));
    EXPECT_TRUE(verify_signature(*jwt, test_key(algorithm).public_key())) << to_string(algorithm);
    for (const Algorithm other : asymmetric_algorithms) {
      EXPECT_EQ(verify_signature(*jwt, test_key(other).public_key()), other == algorithm) << to_string(other);
    }
  }
}

TEST(SignJwtHs, verifies_with_the_same_secret_and_algorithm_only) {
  const auto jwt = ParsedJwt::parse(sign_jwt_hs(Algorithm::HS384, "secret", "JWT", claims));
  ASSERT_TRUE(jwt.ok());
  EXPECT_TRUE(verify_signature_hs(*jwt, Algorithm::HS384, "secret"));
  EXPECT_FALSE(verify_signature_hs(*jwt, Algorithm::HS384, "Secret"));
  EXPECT_FALSE(verify_signature_hs(*jwt, Algorithm::HS256, "secret"));
  EXPECT_FALSE(verify_signature_hs(*jwt, Algorithm::RS256, "secret"));
  EXPECT_FALSE(verify_signature(*jwt, test_key(Algorithm::RS256).public_key()));
}

TEST(SignJwtHs, an_empty_secret_verifies_nothing) {
  const auto jwt = ParsedJwt::parse(sign_jwt_hs(Algorithm::HS256, "", "JWT", claims));
  EXPECT_FALSE(verify_signature_hs(*jwt, Algorithm::HS256, ""));
}

// CVE-2015-9235, CVE-2016-5431: a token signed by HMAC with the text of the public key, which everybody has.
TEST(VerifySignature, a_public_key_is_never_taken_for_a_shared_secret) {
  const PublicKey key = test_key(Algorithm::RS256).public_key();
  for (const std::string& secret : {key.to_pem(), json::serialize(key.to_jwk()), key.thumbprint()}) {
    auto jwt = ParsedJwt::parse(sign_jwt_hs(Algorithm::HS256, secret, "JWT", claims));
    ASSERT_TRUE(jwt.ok());
    EXPECT_FALSE(verify_signature(*jwt, key));
  }
}

// CVE-2018-0114: the key that is in the token says nothing about who made it.
TEST(VerifySignature, a_key_inside_the_token_is_never_looked_at) {
  const PrivateKey attacker = *PrivateKey::generate(Algorithm::RS256);
  const json::object header{{"alg", "RS256"},
                            {"jwk", attacker.public_key().to_jwk()},
                            {"jku", "https://attacker.example/jwks"},
                            {"x5u", "https://attacker.example/x"}};
  const std::string input = base64url_encode(json::serialize(header)) + "." + base64url_encode(json::serialize(claims));
  const auto jwt = ParsedJwt::parse(input + "." + base64url_encode(attacker.sign(input)));
  ASSERT_TRUE(jwt.ok());
  EXPECT_FALSE(verify_signature(*jwt, test_key(Algorithm::RS256).public_key()));
}

TEST(VerifySignature, a_token_with_one_touched_character_anywhere_is_not_genuine) {
  const std::string token = sign_jwt(test_key(Algorithm::ES256), "kid", "JWT", claims);
  for (size_t at = 0; at < token.size(); ++at) {
    std::string touched = token;
    touched[at] = touched[at] == 'A' ? 'B' : 'A';
    const auto jwt = ParsedJwt::parse(touched);
    EXPECT_FALSE(jwt.ok() && verify_signature(*jwt, test_key(Algorithm::ES256).public_key())) << at;
  }
}

TEST(VerifySignature, header_and_claims_of_two_genuine_tokens_do_not_mix) {
  const PrivateKey& key = test_key(Algorithm::ES256);
  const std::string one = sign_jwt(key, "1", "JWT", claims);
  const std::string two = sign_jwt(key, "2", "JWT", {{"sub", "admin"}});
  const std::string mixed = one.substr(0, one.find('.')) + two.substr(two.find('.'));
  EXPECT_FALSE(verify_signature(*ParsedJwt::parse(mixed), key.public_key()));
}

TEST(ParsedJwt, refuses_what_is_not_exactly_a_signed_token) {
  const std::string good = compact(R"({"alg":"RS256"})");
  ASSERT_TRUE(ParsedJwt::parse(good).ok());
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "[";
  for (int i = 0; i < 100; ++i) deep += "]";
  const struct {
    const char* name;
    std::string token;
  } cases[] = {
      {"empty", ""},
      {"one dot", "."},
      {"two dots", ".."},
      {"one part", base64url_encode(R"({"alg":"RS256"})")},
      {"two parts", good.substr(0, good.rfind('.'))},
      {"four parts", good + ".x"},
      {"five parts", good + ".x.y"},
      {"empty header", good.substr(good.find('.'))},
      {"empty claims", base64url_encode(R"({"alg":"RS256"})") + "..c2ln"},
      {"empty signature", good.substr(0, good.rfind('.') + 1)},
      {"blank before", " " + good},
      {"line end after", good + "\n"},
      {"padding", base64url_encode(R"({"alg":"RS256"})") + "=." + good.substr(good.find('.') + 1)},
      {"plus and slash", "+/" + good},
      {"header is no JSON", compact("alg")},
      {"header is an array", compact(R"(["RS256"])")},
      {"header twice the same member", compact(R"({"alg":"none","alg":"RS256"})")},
      {"header with a comment", compact(R"({"alg":"RS256"/**/})")},
      {"header with text after it", compact(R"({"alg":"RS256"}x)")},
      {"header of 5 kB", compact(R"({"alg":"RS256","kid":")" + std::string(5000, 'k') + R"("})")},
      {"header that is not UTF-8", compact("{\"alg\":\"RS256\",\"kid\":\"\xff\"}")},
      {"no alg", compact(R"({"kid":"x"})")},
      {"alg is null", compact(R"({"alg":null})")},
      {"alg is a number", compact(R"({"alg":1})")},
      {"alg is an array", compact(R"({"alg":["RS256"]})")},
      {"alg is an object", compact(R"({"alg":{"a":"RS256"}})")},
      {"alg none", compact(R"({"alg":"none"})")},
      {"alg None", compact(R"({"alg":"None"})")},
      {"alg NONE", compact(R"({"alg":"NONE"})")},
      {"alg nOnE", compact(R"({"alg":"nOnE"})")},
      {"alg none, escaped", compact(R"({"alg":"\u006eone"})")},
      {"crit", compact(R"({"alg":"RS256","crit":["exp"]})")},
      {"empty crit", compact(R"({"alg":"RS256","crit":[]})")},
      {"crit is null", compact(R"({"alg":"RS256","crit":null})")},
      {"unencoded payload", compact(R"({"alg":"RS256","b64":false})")},
      {"kid is a number", compact(R"({"alg":"RS256","kid":1})")},
      {"kid is an object", compact(R"({"alg":"RS256","kid":{}})")},
      {"typ is an array", compact(R"({"alg":"RS256","typ":["JWT"]})")},
      {"claims are no JSON", compact(R"({"alg":"RS256"})", "claims")},
      {"claims are an array", compact(R"({"alg":"RS256"})", "[]")},
      {"claims are a string", compact(R"({"alg":"RS256"})", "\"x\"")},
      {"claims twice the same member", compact(R"({"alg":"RS256"})", R"({"sub":"a","sub":"b"})")},
      {"claims nested a hundred deep", compact(R"({"alg":"RS256"})", R"({"a":)" + deep + "}")},
      {"half a megabyte", compact(R"({"alg":"RS256"})", R"({"a":")" + std::string(400'000, 'a') + R"("})")},
  };
  for (const auto& c : cases) {
    const auto jwt = ParsedJwt::parse(c.token);
    ASSERT_FALSE(jwt.ok()) << c.name;
    EXPECT_EQ(jwt.error().code, Errc::invalid_argument) << c.name;
    EXPECT_FALSE(jwt.error().message.empty()) << c.name;
  }
}

TEST(ParsedJwt, reads_the_token_of_RFC_7519_with_its_line_ends) {  // §3.1
  const auto jwt = ParsedJwt::parse(
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
      "fQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  ASSERT_TRUE(jwt.ok());
  EXPECT_EQ(get_string(jwt->claims, "iss"), "joe");
  EXPECT_EQ(get_int(jwt->claims, "exp"), 1'300'819'380);
  EXPECT_EQ(jwt->kid, "");
  const std::string secret = *base64url_decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  EXPECT_TRUE(verify_signature_hs(*jwt, Algorithm::HS256, secret));
}

class Jwe : public testing::Test {
 protected:
  std::string key_ = std::string(32, 'k');
  std::string token_ = encrypt_jwe(key_, "kid", "https://localhost:8443/", R"({"sub":"auth0|1"})");
};

TEST_F(Jwe, looks_like_Auth0s_and_opens_with_its_key) {
  EXPECT_EQ(*base64url_decode(token_.substr(0, token_.find('.'))),
            R"({"alg":"dir","enc":"A256GCM","iss":"https://localhost:8443/","kid":"kid"})");
  EXPECT_NE(token_.find(".."), std::string::npos);
  const auto jwe = ParsedJwe::parse(token_);
  ASSERT_TRUE(jwe.ok()) << jwe.error().message;
  EXPECT_EQ(jwe->kid, "kid");
  EXPECT_EQ(jwe->issuer, "https://localhost:8443/");
  EXPECT_EQ(*decrypt_jwe(key_, *jwe), R"({"sub":"auth0|1"})");
  EXPECT_FALSE(decrypt_jwe(std::string(32, 'x'), *jwe).ok());
  EXPECT_FALSE(decrypt_jwe("short", *jwe).ok());
  EXPECT_NE(encrypt_jwe(key_, "kid", "https://localhost:8443/", R"({"sub":"auth0|1"})"), token_);
}

TEST_F(Jwe, with_one_touched_character_anywhere_does_not_open) {
  for (size_t at = 0; at < token_.size(); ++at) {
    std::string touched = token_;
    touched[at] = touched[at] == 'A' ? 'B' : 'A';
    const auto jwe = ParsedJwe::parse(touched);
    EXPECT_FALSE(jwe.ok() && decrypt_jwe(key_, *jwe).ok()) << at;
  }
}

TEST_F(Jwe, of_another_kind_is_refused) {
  const std::string nonce = base64url_encode(std::string(12, 'n'));
  const std::string tag = base64url_encode(std::string(16, 't'));
  const auto token = [&](std::string_view header) { return base64url_encode(header) + ".." + nonce + ".Y2lwaGVy." + tag; };
  ASSERT_TRUE(ParsedJwe::parse(token(R"({"alg":"dir","enc":"A256GCM"})")).ok());
  const std::string header = base64url_encode(R"({"alg":"dir","enc":"A256GCM"})");
  const struct {
    const char* name;
    std::string token;
  } cases[] = {
      {"empty", ""},
      {"three parts", header + ".." + nonce},
      {"four parts", header + ".." + nonce + ".Y2lwaGVy"},
      {"six parts", token(R"({"alg":"dir","enc":"A256GCM"})") + ".x"},
      {"an encrypted key", header + ".a2V5." + nonce + ".Y2lwaGVy." + tag},
      {"a short nonce", header + ".." + base64url_encode("short") + ".Y2lwaGVy." + tag},
      {"a short tag", header + ".." + nonce + ".Y2lwaGVy." + base64url_encode(std::string(12, 't'))},
      {"alg RSA-OAEP", token(R"({"alg":"RSA-OAEP","enc":"A256GCM"})")},
      {"alg A256KW", token(R"({"alg":"A256KW","enc":"A256GCM"})")},
      {"enc A128GCM", token(R"({"alg":"dir","enc":"A128GCM"})")},
      {"no enc", token(R"({"alg":"dir"})")},
      {"zip", token(R"({"alg":"dir","enc":"A256GCM","zip":"DEF"})")},
      {"crit", token(R"({"alg":"dir","enc":"A256GCM","crit":["x"]})")},
      {"kid is a number", token(R"({"alg":"dir","enc":"A256GCM","kid":1})")},
      {"a member twice", token(R"({"alg":"dir","enc":"A256GCM","enc":"A256GCM"})")},
      {"no JSON", token("dir")},
      {"too long", token(R"({"alg":"dir","enc":"A256GCM","kid":")" + std::string(5000, 'k') + R"("})")},
      {"far too long", std::string(100'000, 'x')},
  };
  for (const auto& c : cases) EXPECT_FALSE(ParsedJwe::parse(c.token).ok()) << c.name;
}

}  // namespace
}  // namespace gatehouse::jose
