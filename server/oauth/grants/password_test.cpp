#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class PasswordTest : public ProtocolTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, PasswordTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(PasswordTest, a_password_is_exchanged_through_the_directory_or_a_realm) {
  const std::string app = unique("ropg"), user = unique("ann"), api = "https://" + unique("api") + ".example";
  const ClientId client = w.add_client(app);
  const UserId id = w.add_user(user);
  w.add_api(api, {"read:x"});
  Fields form{{"grant_type", "password"},
              {"client_id", client.str()},
              {"client_secret", World::secret(app)},
              {"username", user + "@example.com"},
              {"password", "correct horse " + user},
              {"audience", api},
              {"scope", "openid read:x offline_access"}};
  const http::Response response = w.token(form);
  ASSERT_EQ(response.status, 200) << response.body;
  const json::object tokens = json_of(response);
  EXPECT_EQ(text(claims_of(text(tokens, "access_token")), "gty"), "password");
  EXPECT_EQ(text(claims_of(text(tokens, "id_token")), "sub"), id.str());
  EXPECT_FALSE(claims_of(text(tokens, "id_token")).contains("sid"));
  EXPECT_EQ(w.token(refresh_grant(client, app, text(tokens, "refresh_token"))).status, 200);
  EXPECT_EQ(w.events.count("sepft", client), 1u);
  Fields realm = form;
  realm[0].second = "http://auth0.com/oauth/grant-type/password-realm";
  EXPECT_EQ(w.token(realm).status, 400);
  realm.emplace_back("realm", World::kConnection);
  EXPECT_EQ(w.token(realm).status, 200);
  realm.back().second = "nowhere";
  EXPECT_EQ(w.token(realm).status, 403);
  form[4].second = "wrong";
  const http::Response wrong = w.token(form);
  EXPECT_EQ(wrong.status, 403);
  EXPECT_EQ(text(json_of(wrong), "error_description"), "Wrong email or password.");
  form[3].second = "nobody@example.com";
  EXPECT_EQ(w.token(form).body, wrong.body);
  form[3].second = user + "@example.com";
  form[4].second = "correct horse " + user;
  w.change_user(id, [](model::User& u) { u.blocked = true; });
  EXPECT_EQ(text(json_of(w.token(form)), "error_description"), "user is blocked");
}

}  // namespace
}  // namespace gatehouse::oauth
