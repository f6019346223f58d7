#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class DbConnectionsTest : public ProtocolTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, DbConnectionsTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(DbConnectionsTest, people_sign_up_and_ask_for_a_new_password_without_a_page) {
  const std::string app = unique("web"), name = unique("new");
  const ClientId client = w.add_client(app);
  const json::object body{{"client_id", client.str()},           {"connection", World::kConnection},    {"email", name + "@example.com"},
                          {"password", "correct horse " + name}, {"user_metadata", {{"plan", "gold"}}}, {"email_verified", true},
                          {"app_metadata", {{"role", "admin"}}}};
  const http::Response made = w.post_json("/dbconnections/signup", body);
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(text(json_of(made), "_id").size(), 24u);
  EXPECT_EQ(json_of(made).at("email_verified"), false);
  const http::Response again = w.post_json("/dbconnections/signup", body);
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(text(json_of(again), "code"), "invalid_signup");
  const http::Response known =
      w.post_json("/dbconnections/change_password",
                  {{"client_id", client.str()}, {"connection", World::kConnection}, {"email", name + "@example.com"}});
  EXPECT_EQ(known.status, 200);
  EXPECT_EQ(known.body, "We've just sent you an email to reset your password.");
  const http::Response unknown = w.post_json(
      "/dbconnections/change_password", {{"client_id", client.str()}, {"connection", World::kConnection}, {"email", "nobody@example.com"}});
  EXPECT_EQ(unknown.body, known.body);
  EXPECT_EQ(w.post_json("/dbconnections/signup",
                        {{"client_id", client.str()}, {"connection", "other"}, {"email", "x@example.com"}, {"password", "p"}})
                .status,
            400);
  EXPECT_EQ(w.post_json("/dbconnections/signup", {{"connection", World::kConnection}}).status, 400);
}

}  // namespace
}  // namespace gatehouse::oauth
