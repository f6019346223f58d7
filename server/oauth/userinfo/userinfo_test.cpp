#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class UserinfoTest : public ProtocolTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, UserinfoTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(UserinfoTest, userinfo_takes_the_token_in_one_place_only) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  const UserId id = w.add_user(user);
  Browser browser;
  const std::string token = text(json_of(w.token(code_grant(client, app, w.code_for(browser, client, app, user)))), "access_token");
  EXPECT_EQ(w.post("/userinfo", {{"access_token", token}}).status, 200);
  EXPECT_EQ(w.get("/userinfo", {{"access_token", token}}).status, 200);
  EXPECT_EQ(w.get("/userinfo", {{"access_token", token}}, {{"authorization", "Bearer " + token}}).status, 400);
  EXPECT_EQ(w.get("/userinfo").status, 401);
  for (const std::string& bad :
       {std::string("x"), std::string("a.b"), std::string("a.b.c"), std::string("a.b.c.d"), std::string("a.b.c.d.e"), token + "x"})
    EXPECT_EQ(w.get("/userinfo", {}, {{"authorization", "Bearer " + bad}}).status, 401) << bad;
  w.change_user(id, [](model::User& u) { u.blocked = true; });
  EXPECT_EQ(w.get("/userinfo", {}, {{"authorization", "Bearer " + token}}).status, 401);
}

}  // namespace
}  // namespace gatehouse::oauth
