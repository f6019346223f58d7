#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class LoopGuardTest : public ProtocolTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, LoopGuardTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(LoopGuardTest, an_application_that_sends_its_user_round_is_stopped_at_a_page) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser;
  const std::string first = w.code_for(browser, client, app, user);
  const auto rounds_of = [&](const Fields& headers, const std::function<void(const http::Response&)>& use) {
    const Fields query{{"client_id", client.str()}, {"response_type", "code"}, {"scope", "openid"}};
    Fields sent = browser.headers();
    sent.insert(sent.end(), headers.begin(), headers.end());
    for (int round = 1; round < 60; ++round) {
      const http::Response response = w.get("/authorize", query, sent);
      if (response.status != 302) {
        EXPECT_EQ(response.status, 400);
        EXPECT_NE(response.body.find("cookie"), std::string::npos);
        return round;
      }
      use(response);
    }
    return 60;
  };
  const auto redeem = [&](const http::Response& response) {
    EXPECT_EQ(w.token(code_grant(client, app, location_parameter(response, "code"))).status, 200);
  };
  EXPECT_EQ(w.token(code_grant(client, app, first)).status, 200);
  EXPECT_EQ(rounds_of({}, redeem), 60);  // a script that uses its codes is no loop
  EXPECT_EQ(rounds_of({{"sec-fetch-mode", "navigate"}}, redeem), LoopGuard::kNavigations.answers + 1);
  EXPECT_EQ(rounds_of({}, [](const http::Response&) {}), LoopGuard::kUnredeemed.answers);  // the refused one was counted too
  w.clock.advance(seconds(31));
  EXPECT_EQ(w.get(browser, "/authorize", {{"client_id", client.str()}, {"response_type", "code"}, {"scope", "openid"}}).status, 302);
}

}  // namespace
}  // namespace gatehouse::oauth
