#include "base/encoding.h"
#include "crypto/crypto.h"
#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class ResponseModeTest : public ProtocolTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, ResponseModeTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(ResponseModeTest, implicit_and_hybrid_answers_stand_in_the_fragment_with_hashes) {
  const std::string app = unique("web"), user = unique("ann"), api = "https://" + unique("api") + ".example";
  const ClientId client = w.add_client(app);
  w.add_user(user);
  w.add_api(api, {"read:x"});
  Browser browser;
  const http::Response response = w.authorize(browser,
                                              {{"client_id", client.str()},
                                               {"response_type", "code id_token token"},
                                               {"scope", "openid read:x offline_access"},
                                               {"nonce", "n"},
                                               {"audience", api},
                                               {"state", "s"}},
                                              user);
  EXPECT_NE(header(response, "location").find("/cb#"), std::string::npos);
  const json::object claims = claims_of(location_parameter(response, "id_token"));
  const std::string access = location_parameter(response, "access_token"), code = location_parameter(response, "code");
  EXPECT_EQ(text(claims, "at_hash"), base64url_encode(crypto::sha256(access).substr(0, 16)));
  EXPECT_EQ(text(claims, "c_hash"), base64url_encode(crypto::sha256(code).substr(0, 16)));
  EXPECT_EQ(text(claims, "nonce"), "n");
  EXPECT_EQ(location_parameter(response, "expires_in"), "7200");  // token_lifetime_for_web
  EXPECT_EQ(w.token(code_grant(client, app, code)).status, 200);
}

TEST_P(ResponseModeTest, form_post_and_web_message_escape_and_allow_only_their_own_script) {
  const std::string app = unique("spa"), user = unique("ann");
  const ClientId client = w.add_client(app, {{"web_origins", json::array{"https://" + app + ".example"}}});
  w.add_user(user);
  Browser browser;
  w.code_for(browser, client, app, user);
  const std::string evil = "</script><script>alert(1)</script>\"'<>&";
  Fields query{
      {"client_id", client.str()}, {"response_type", "code"}, {"scope", "openid"}, {"state", evil}, {"response_mode", "form_post"}};
  const http::Response form = w.get(browser, "/authorize", query);
  EXPECT_EQ(form.status, 200);
  EXPECT_EQ(form.body.find("<script>alert"), std::string::npos);
  EXPECT_NE(header(form, "content-security-policy").find("script-src 'nonce-"), std::string::npos);
  query.back().second = "web_message";
  query.emplace_back("prompt", "none");
  const http::Response message = w.get(browser, "/authorize", query);
  EXPECT_EQ(message.status, 200);
  EXPECT_EQ(message.body.find("<script>alert"), std::string::npos);
  EXPECT_NE(message.body.find("\"https://" + app + ".example\""), std::string::npos);
  EXPECT_NE(header(message, "content-security-policy").find("frame-ancestors https://" + app + ".example;"), std::string::npos);
  EXPECT_EQ(header(message, "x-frame-options"), "");
  EXPECT_NE(message.body.find("authorization_response"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::oauth
