#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class AuthorizeEndpointTest : public ProtocolTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, AuthorizeEndpointTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(AuthorizeEndpointTest, the_answer_has_code_state_and_issuer) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser;
  const http::Response response = w.authorize(browser,
                                              {{"client_id", client.str()},
                                               {"redirect_uri", "https://" + app + ".example/cb"},
                                               {"response_type", "code"},
                                               {"scope", "openid"},
                                               {"state", "a b&c=d+é"}},
                                              user);
  EXPECT_EQ(response.status, 302);
  EXPECT_TRUE(header(response, "location").starts_with("https://" + app + ".example/cb?code="));
  EXPECT_EQ(location_parameter(response, "state"), "a b&c=d+é");
  EXPECT_EQ(location_parameter(response, "iss"), World::kIssuer);
}

TEST_P(AuthorizeEndpointTest, a_second_application_signs_in_without_asking_and_prompt_none_needs_a_session) {
  const std::string one = unique("web"), two = unique("web"), user = unique("ann");
  const ClientId first = w.add_client(one), second = w.add_client(two);
  w.add_user(user);
  Browser browser;
  const Fields silent{{"client_id", second.str()},
                      {"redirect_uri", "https://" + two + ".example/cb"},
                      {"response_type", "code"},
                      {"scope", "openid"},
                      {"prompt", "none"}};
  EXPECT_EQ(location_parameter(w.get(browser, "/authorize", silent), "error"), "login_required");
  w.code_for(browser, first, one, user);
  EXPECT_FALSE(location_parameter(w.get(browser, "/authorize", silent), "code").empty());
  EXPECT_EQ(w.events.count("ssa", second), 1u);
  EXPECT_EQ(w.events.count("fsa", second), 1u);
  Fields login = silent;
  login.back().second = "login";
  EXPECT_TRUE(header(w.get(browser, "/authorize", login), "location").starts_with("https://localhost:8443/u/login?state="));
  w.clock.advance(seconds(100));
  login.back() = {"max_age", "60"};
  EXPECT_TRUE(header(w.get(browser, "/authorize", login), "location").starts_with("https://localhost:8443/u/login?state="));
  login.back() = {"max_age", "6000"};
  EXPECT_FALSE(location_parameter(w.get(browser, "/authorize", login), "code").empty());
}

TEST_P(AuthorizeEndpointTest, a_login_belongs_to_the_browser_that_began_it) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser, stranger;
  const http::Response begun = w.get(browser, "/authorize", {{"client_id", client.str()}, {"response_type", "code"}, {"scope", "openid"}});
  const std::string state = location_parameter(begun, "state");
  w.sign_in_on_page(browser, state, user);
  EXPECT_EQ(w.get(stranger, "/authorize/resume", {{"state", state}}).status, 400);
  EXPECT_FALSE(location_parameter(w.get(browser, "/authorize/resume", {{"state", state}}), "code").empty());
  EXPECT_EQ(w.get(browser, "/authorize/resume", {{"state", state}}).status, 400);  // single use
}

TEST_P(AuthorizeEndpointTest, third_party_clients_ask_once_and_a_refusal_is_told) {
  const std::string app = unique("third"), user = unique("ann");
  const ClientId client = w.add_client(app, {{"is_first_party", false}});
  w.add_user(user);
  Browser browser;
  const Fields query{{"client_id", client.str()},
                     {"redirect_uri", "https://" + app + ".example/cb"},
                     {"response_type", "code"},
                     {"scope", "openid email"},
                     {"state", "s"}};
  const auto consent_state = [&](const http::Response& response) {
    EXPECT_TRUE(header(response, "location").starts_with("https://localhost:8443/u/consent?state=")) << header(response, "location");
    return location_parameter(response, "state");
  };
  const auto answer = [&](const std::string& state, std::string_view choice) {
    w.answer_consent(state, browser.cookies[std::string(model::kBrowserCookie)], choice);
    return w.get(browser, "/authorize/resume", {{"state", state}});
  };
  const http::Response denied = answer(consent_state(w.authorize(browser, query, user)), "deny");
  EXPECT_EQ(location_parameter(denied, "error"), "access_denied");
  Fields silent = query;
  silent.emplace_back("prompt", "none");
  EXPECT_EQ(location_parameter(w.get(browser, "/authorize", silent), "error"), "consent_required");
  EXPECT_FALSE(location_parameter(answer(consent_state(w.get(browser, "/authorize", query)), "accept"), "code").empty());
  EXPECT_FALSE(location_parameter(w.get(browser, "/authorize", silent), "code").empty());  // remembered
  silent[3].second = "openid email profile";
  EXPECT_EQ(location_parameter(w.get(browser, "/authorize", silent), "error"), "consent_required");  // more than was allowed
}

TEST_P(AuthorizeEndpointTest, a_callback_nobody_vouches_for_is_confirmed_unless_that_is_switched_off) {
  const std::string app = unique("native"), user = unique("ann");
  const ClientId client = w.add_client(
      app, {{"callbacks", json::array{"com.example.app://cb"}}, {"skip_non_verifiable_callback_uri_confirmation_prompt", false}});
  w.add_user(user);
  Browser browser;
  const Fields query{{"client_id", client.str()}, {"response_type", "code"}, {"scope", "openid"}};
  EXPECT_FALSE(location_parameter(w.authorize(browser, query, user), "code").empty());  // the login page was a prompt
  const http::Response again = w.get(browser, "/authorize", query);
  EXPECT_TRUE(header(again, "location").starts_with("https://localhost:8443/u/consent?state="));
  const std::string state = location_parameter(again, "state");
  w.answer_consent(state, browser.cookies[std::string(model::kBrowserCookie)], "accept");
  EXPECT_FALSE(location_parameter(w.get(browser, "/authorize/resume", {{"state", state}}), "code").empty());
  Fields silent = query;
  silent.emplace_back("prompt", "none");
  EXPECT_EQ(location_parameter(w.get(browser, "/authorize", silent), "error"), "interaction_required");
  w.change_client(client, {{"skip_non_verifiable_callback_uri_confirmation_prompt", true}});
  EXPECT_FALSE(location_parameter(w.get(browser, "/authorize", silent), "code").empty());
}

}  // namespace
}  // namespace gatehouse::oauth
