#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class LogoutTest : public ProtocolTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, LogoutTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(LogoutTest, logout_ends_the_session_and_goes_only_to_registered_urls) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser;
  w.code_for(browser, client, app, user);
  const Fields silent{{"client_id", client.str()}, {"response_type", "code"}, {"scope", "openid"}, {"prompt", "none"}};
  const http::Response elsewhere = w.get(browser, "/v2/logout", {{"client_id", client.str()}, {"returnTo", "https://evil.example"}});
  EXPECT_EQ(elsewhere.status, 400);
  EXPECT_EQ(header(elsewhere, "location"), "");
  EXPECT_FALSE(location_parameter(w.get(browser, "/authorize", silent), "code").empty());  // nothing was changed
  const http::Response out = w.get(browser, "/v2/logout", {{"client_id", client.str()}, {"returnTo", "https://" + app + ".example?x=1"}});
  EXPECT_EQ(header(out, "location"), "https://" + app + ".example?x=1");
  EXPECT_EQ(w.events.count("slo", client), 1u);
  EXPECT_EQ(location_parameter(w.get(browser, "/authorize", silent), "error"), "login_required");
  EXPECT_EQ(header(w.get("/v2/logout", {{"client_id", client.str()}}), "location"), "https://" + app + ".example");  // the first one
  EXPECT_EQ(header(w.get("/v2/logout", {{"returnTo", "https://tenant.example/bye"}}), "location"), "https://tenant.example/bye");
  EXPECT_EQ(w.get("/v2/logout", {{"returnTo", "https://" + app + ".example"}}).status, 400);
  EXPECT_EQ(w.get("/v2/logout").status, 200);
}

TEST_P(LogoutTest, oidc_logout_asks_unless_a_hint_names_the_session) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser;
  const std::string id_token = text(json_of(w.token(code_grant(client, app, w.code_for(browser, client, app, user)))), "id_token");
  const std::string sid = text(claims_of(id_token), "sid");
  const Fields base{{"client_id", client.str()}, {"post_logout_redirect_uri", "https://" + app + ".example/bye"}, {"state", "s t"}};
  EXPECT_TRUE(header(w.get(browser, "/oidc/logout", base), "location").starts_with("https://localhost:8443/u/logout?state="));
  Fields wrong = base;
  wrong.emplace_back("logout_hint", "other");
  EXPECT_TRUE(header(w.get(browser, "/oidc/logout", wrong), "location").starts_with("https://localhost:8443/u/logout?state="));
  Fields forged = base;
  forged.emplace_back("id_token_hint", id_token.substr(0, id_token.size() - 4) + "AAAA");
  EXPECT_EQ(w.get(browser, "/oidc/logout", forged).status, 400);
  Fields mismatch = base;
  mismatch.emplace_back("id_token_hint", id_token);
  mismatch.emplace_back("logout_hint", "other");
  EXPECT_EQ(w.get(browser, "/oidc/logout", mismatch).status, 400);
  w.clock.advance(seconds(40'000));  // an expired ID token is still a hint
  Fields hinted = base;
  hinted.emplace_back("id_token_hint", id_token);
  hinted.emplace_back("logout_hint", sid);
  const http::Response out = w.get(browser, "/oidc/logout", hinted);
  EXPECT_EQ(header(out, "location"), "https://" + app + ".example/bye?state=s%20t");
  EXPECT_FALSE(browser.cookies.contains(std::string(model::kSessionCookie)));
  EXPECT_EQ(header(w.get(browser, "/oidc/logout", base), "location"), "https://" + app + ".example/bye?state=s%20t");  // nobody to ask
}

}  // namespace
}  // namespace gatehouse::oauth
