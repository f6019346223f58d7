#include "base/encoding.h"
#include "crypto/crypto.h"
#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class ClientAuthTest : public ProtocolTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, ClientAuthTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(ClientAuthTest, a_rotated_secret_is_told_in_the_log_alone) {
  const std::string app = unique("m2m");
  const ClientId client = w.add_client(
      app, {{std::string(model::ClientStore::rotated_secrets_property), json::array{hex_encode(crypto::sha256("old secret"))}}});
  const http::Response response =
      w.token({{"grant_type", "client_credentials"}, {"client_id", client.str()}, {"client_secret", "old secret"}});
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.body.find("rotated"), std::string::npos);
  EXPECT_NE(json::serialize(w.events.last("feccft").details).find("rotated"), std::string::npos);
}

TEST_P(ClientAuthTest, private_key_jwt_works_once_and_has_no_secret_to_fall_back_to) {
  const std::string app = unique("m2m"), api = "https://" + unique("api") + ".example";
  const jose::PrivateKey key = *jose::PrivateKey::generate(jose::Algorithm::ES256);
  const ClientId client = w.add_client(
      app, {{"client_authentication_methods", {{"private_key_jwt", {{"credentials", json::array{json::object{{"id", "cred_1"}}}}}}}},
            {std::string(model::ClientStore::credentials_property),
             json::array{json::object{{"id", "cred_1"}, {"kid", "k1"}, {"alg", "ES256"}, {"jwk", key.public_key().to_jwk("k1")}}}}});
  w.add_api(api, {"read:x"});
  w.add_client_grant(client, api, {"read:x"});
  const int64_t now = to_unix_seconds(w.clock.now());
  const auto ask = [&](json::object claims) {
    return w.token({{"grant_type", "client_credentials"},
                    {"audience", api},
                    {"client_assertion", jose::sign_jwt(key, "k1", "JWT", claims)},
                    {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}});
  };
  const json::object good{{"iss", client.str()}, {"sub", client.str()}, {"aud", World::kIssuer},
                          {"iat", now},          {"exp", now + 60},     {"jti", w.random.uuid()}};
  EXPECT_EQ(ask(good).status, 200) << ask(good).body;
  EXPECT_EQ(ask(good).status, 401);  // the same jti
  const auto with = [&](std::string_view name, json::value value) {
    json::object claims = good;
    claims["jti"] = w.random.uuid();
    claims[name] = std::move(value);
    return claims;
  };
  EXPECT_EQ(ask(with("aud", json::array{"https://x.example", "https://localhost:8443/oauth/token"})).status, 200);
  EXPECT_EQ(ask(with("iat", now + 9)).status, 200);
  EXPECT_EQ(ask(with("iat", now + 11)).status, 401);
  EXPECT_EQ(ask(with("exp", now)).status, 401);
  EXPECT_EQ(ask(with("exp", now + 86400)).status, 401);
  EXPECT_EQ(ask(with("aud", "https://elsewhere.example/")).status, 401);
  EXPECT_EQ(ask(with("iss", "someone else")).status, 401);
  EXPECT_EQ(ask(with("jti", json::value(std::string(65, 'j')))).status, 401);
  EXPECT_EQ(
      w.token({{"grant_type", "client_credentials"}, {"audience", api}, {"client_id", client.str()}, {"client_secret", World::secret(app)}})
          .status,
      401);
}

}  // namespace
}  // namespace gatehouse::oauth
