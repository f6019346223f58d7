#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class NoticesTest : public ProtocolTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, NoticesTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(NoticesTest, permissions_that_do_not_reach_tokens_are_named_once_per_api_and_day) {
  const std::string app = unique("web"), user = unique("ann"), api = "https://" + unique("api") + ".example";
  const ClientId client = w.add_client(app);
  w.permit(w.add_user(user), api, {"delete:users"});
  w.add_api(api, {"delete:users"});
  Browser browser;
  for (int i = 0; i < 2; ++i) w.token(code_grant(client, app, w.code_for(browser, client, app, user, {{"audience", api}})));
  EXPECT_EQ(w.events.count("w", client), 1u);
  EXPECT_NE(w.events.last("w").description.find(api), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::oauth
