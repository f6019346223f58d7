#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class RevokeTest : public ProtocolTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, RevokeTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(RevokeTest, revocation_ends_the_family_and_answers_200_to_anything_else) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"scope", "openid offline_access"}});
  const std::string token = text(json_of(w.token(code_grant(client, app, code))), "refresh_token");
  const json::object body{{"client_id", client.str()}, {"client_secret", World::secret(app)}, {"token", token}};
  const http::Response revoked = w.post_json("/oauth/revoke", body);
  EXPECT_EQ(revoked.status, 200);
  EXPECT_EQ(revoked.body, "");
  EXPECT_EQ(w.token(refresh_grant(client, app, token)).status, 403);
  EXPECT_EQ(w.post_json("/oauth/revoke", body).status, 200);
  EXPECT_EQ(w.post("/oauth/revoke", {{"client_id", client.str()}, {"token", token}}).status, 401);
}

}  // namespace
}  // namespace gatehouse::oauth
