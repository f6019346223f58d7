#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class IssuerTest : public ProtocolTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, IssuerTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(IssuerTest, tokens_follow_the_api_and_the_client) {
  const std::string app = unique("alg"), user = unique("ann"), hs = "https://" + unique("hs") + ".example",
                    rfc = "https://" + unique("rfc") + ".example";
  const ClientId client = w.add_client(app, {{"jwt_configuration", {{"alg", "HS256"}, {"lifetime_in_seconds", 100}}}});
  w.add_user(user);
  w.add_api(hs, {"read:x"}, {{"signing_alg", "HS256"}, {"signing_secret", "0123456789abcdef0123456789abcdef"}, {"token_lifetime", 50}});
  w.add_api(rfc, {"read:x"}, {{"token_dialect", "rfc9068_profile"}, {"signing_alg", "PS256"}});
  Browser browser;
  const auto tokens_for = [&](const std::string& api) {
    return json_of(
        w.token(code_grant(client, app, w.code_for(browser, client, app, user, {{"audience", api}, {"scope", "openid read:x"}}))));
  };
  const json::object first = tokens_for(hs);
  const auto access = jose::ParsedJwt::parse(text(first, "access_token"));
  EXPECT_TRUE(jose::verify_signature_hs(*access, jose::Algorithm::HS256, "0123456789abcdef0123456789abcdef"));
  EXPECT_EQ(text(access->claims, "aud"), hs);  // /userinfo could not verify it
  EXPECT_EQ(get_int(first, "expires_in"), 50);
  const auto id = jose::ParsedJwt::parse(text(first, "id_token"));
  EXPECT_TRUE(jose::verify_signature_hs(*id, jose::Algorithm::HS256, World::secret(app)));
  EXPECT_EQ(get_int(id->claims, "exp").value() - get_int(id->claims, "iat").value(), 100);
  const auto second = jose::ParsedJwt::parse(text(tokens_for(rfc), "access_token"));
  EXPECT_EQ(text(second->header, "typ"), "at+jwt");
  EXPECT_EQ(second->algorithm, "PS256");
  EXPECT_EQ(text(second->claims, "client_id"), client.str());
  EXPECT_FALSE(text(second->claims, "jti").empty());
  EXPECT_EQ(second->claims.at("aud"), (json::array{rfc, "https://localhost:8443/userinfo"}));
}

}  // namespace
}  // namespace gatehouse::oauth
