#include "oauth/mfa_api/mfa_api.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "mfa/otp.h"
#include "oauth/testing.h"

namespace gatehouse::oauth {
namespace {

constexpr const char* kOtp = "http://auth0.com/oauth/grant-type/mfa-otp";
constexpr const char* kAcr = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";

class MfaApiTest : public ::testing::TestWithParam<std::string> {
 protected:
  MfaApiTest() {
    name_ = "mfa" + w_.random.hex(8);
    client_ = w_.add_client(name_, {{"grant_types", {"authorization_code", "password", "refresh_token", kOtp}}});
    user_ = w_.add_user(name_);
    set({"otp"}, {"all-applications"});
  }
  ~MfaApiTest() override { set({}, {}); }
  void set(const std::vector<std::string>& factors, const std::vector<std::string>& policies) {
    json::object on;
    for (const std::string& factor : factors) on[factor] = true;
    ASSERT_TRUE(w_.db.write([&](storage::Transaction& tx) -> gatehouse::Result<void> {
      TRY_VOID(w_.tenants.put_document(tx, w_.kTenant, "guardian/factors", on));
      return w_.tenants.put_document(tx, w_.kTenant, "guardian/policies", {{"policies", json::array(policies.begin(), policies.end())}});
    }));
  }
  Fields credentials() { return {{"client_id", client_.str()}, {"client_secret", World::secret(name_)}}; }
  http::Response login(Fields more = {}) {
    Fields form = credentials();
    form.insert(form.end(), {{"grant_type", "password"}, {"username", name_ + "@example.com"}, {"password", "correct horse " + name_}});
    form.insert(form.end(), more.begin(), more.end());
    return w_.token(form);
  }
  std::string mfa_token() {
    const json::object answer = json_of(login());
    EXPECT_EQ(get_string(answer, "error"), "mfa_required");
    return std::string(get_string(answer, "mfa_token").value_or(""));
  }
  http::Response answer(const std::string& token, const std::string& code) {
    Fields form = credentials();
    form.insert(form.end(), {{"grant_type", kOtp}, {"mfa_token", token}, {"otp", code}});
    return w_.token(form);
  }
  http::Response with_bearer(http::Method method, const std::string& path, const std::string& token, const json::object& body = {}) {
    return w_.call(method, path, body.empty() ? "" : json::serialize(body), body.empty() ? "" : "application/json", {{"authorization", "Bearer " + token}});
  }
  std::string associate(const std::string& token) {
    const json::object begun = json_of(with_bearer(http::Method::POST, "/mfa/associate", token, {{"authenticator_types", {"otp"}}}));
    return *mfa::Otp::from_base32(get_string(begun, "secret").value_or(""));
  }
  std::string code(const std::string& secret) { return mfa::Otp::code(secret, mfa::Otp::step_of(w_.clock.now())); }
  /// Enrols an authenticator: its secret.
  std::string enrol() {
    const std::string token = mfa_token(), secret = associate(token);
    EXPECT_EQ(answer(token, code(secret)).status, 200);
    w_.clock.advance(seconds(60));
    return secret;
  }

  World& w_ = World::of(GetParam());
  std::string name_;
  ClientId client_;
  UserId user_;
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, MfaApiTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(MfaApiTest, says_what_can_be_enrolled_and_what_can_be_challenged) {
  const json::object first = json_of(login());
  EXPECT_EQ(first.at("mfa_requirements"), (json::value{{"enroll", {json::object{{"type", "otp"}}}}}));
  enrol();
  const json::object second = json_of(login());
  EXPECT_EQ(second.at("mfa_requirements"), (json::value{{"challenge", {json::object{{"type", "otp"}}}}}));
}

TEST_P(MfaApiTest, a_token_is_good_for_ten_minutes) {
  const std::string secret = enrol();
  const std::string token = mfa_token();
  w_.clock.advance(seconds(600));
  const http::Response late = answer(token, code(secret));
  EXPECT_EQ(late.status, 401);
  EXPECT_EQ(get_string(json_of(late), "error"), "expired_token");
  EXPECT_EQ(answer(mfa_token(), code(secret)).status, 200);
}

TEST_P(MfaApiTest, of_many_who_answer_at_a_time_one_gets_tokens) {
  const std::string secret = enrol();
  const std::string token = mfa_token(), right = code(secret);
  std::atomic<int> winners{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&] {
      if (answer(token, right).status == 200) ++winners;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(winners, 1);
}

TEST_P(MfaApiTest, an_application_that_does_not_prove_itself_gets_no_challenge) {
  const std::string token = mfa_token();
  const http::Response refused = w_.post_json("/mfa/challenge", {{"client_id", client_.str()}, {"mfa_token", token}});
  EXPECT_EQ(refused.status, 401);
  const http::Response none =
      w_.post_json("/mfa/challenge", {{"client_id", client_.str()}, {"client_secret", World::secret(name_)}, {"mfa_token", token}});
  EXPECT_EQ(get_string(json_of(none), "error"), "association_required");
  EXPECT_EQ(with_bearer(http::Method::GET, "/mfa/authenticators", "nonsense").status, 403);
  EXPECT_EQ(w_.get("/mfa/authenticators").status, 401);
}

TEST_P(MfaApiTest, a_token_for_the_mfa_api_says_whether_a_factor_was_shown) {
  set({"otp"}, {});
  const std::string audience = std::string(World::kIssuer) + "mfa/";
  const json::object first = json_of(login({{"audience", audience}, {"scope", "enroll remove:authenticators"}}));
  const std::string token(get_string(first, "access_token").value_or(""));
  EXPECT_EQ(get_int(first, "expires_in"), 600);
  EXPECT_FALSE(claims_of(token).contains("amr"));
  const std::string secret = associate(token);
  EXPECT_EQ(answer(token, code(secret)).status, 200);
  w_.clock.advance(seconds(60));
  // Whoever stole the password, and a token with it, before there was a factor, is stopped by it from now on.
  EXPECT_EQ(with_bearer(http::Method::POST, "/mfa/associate", token, {{"authenticator_types", {"otp"}}}).status, 403);
  const json::object asked = json_of(login({{"audience", audience}, {"scope", "enroll"}}));
  EXPECT_EQ(get_string(asked, "error"), "mfa_required");
  const json::object shown = json_of(answer(std::string(get_string(asked, "mfa_token").value_or("")), code(secret)));
  EXPECT_EQ(get_strings(claims_of(get_string(shown, "access_token").value_or("")), "amr"), std::vector<std::string>{"mfa"});
}

TEST_P(MfaApiTest, a_refresh_asks_for_nothing_and_keeps_saying_what_was_proved) {
  const std::string secret = enrol();
  const json::object waiting = json_of(login({{"scope", "openid offline_access"}}));
  const json::object tokens = json_of(answer(std::string(get_string(waiting, "mfa_token").value_or("")), code(secret)));
  Fields form = credentials();
  form.insert(form.end(), {{"grant_type", "refresh_token"}, {"refresh_token", std::string(get_string(tokens, "refresh_token").value_or(""))}});
  const http::Response refreshed = w_.token(form);
  ASSERT_EQ(refreshed.status, 200) << refreshed.body;
  const json::object claims = claims_of(get_string(json_of(refreshed), "id_token").value_or(""));
  EXPECT_EQ(get_strings(claims, "amr"), std::vector<std::string>{"mfa"});
  EXPECT_EQ(get_string(claims, "acr"), kAcr);
}

TEST_P(MfaApiTest, a_session_without_a_second_factor_is_sent_to_one_or_refused_silently) {
  set({"otp"}, {});
  Browser browser;
  w_.code_for(browser, client_, name_, name_);
  const Fields query{{"client_id", client_.str()}, {"redirect_uri", "https://" + name_ + ".example/cb"}, {"response_type", "code"}, {"scope", "openid"}};
  const auto with = [&](Fields more) {
    more.insert(more.end(), query.begin(), query.end());
    return w_.get(browser, "/authorize", more);
  };
  EXPECT_FALSE(location_parameter(with({}), "code").empty());
  EXPECT_EQ(location_parameter(with({{"prompt", "none"}, {"acr_values", std::string("urn:other ") + kAcr}}), "error"), "interaction_required");
  const http::Response sent = with({{"acr_values", kAcr}});
  EXPECT_TRUE(header(sent, "location").starts_with(std::string(World::kIssuer) + "u/login?state=")) << header(sent, "location");
  // Coming back without having shown anything leads to the page again, not to the application.
  const std::string state = location_parameter(sent, "state");
  EXPECT_TRUE(header(w_.get(browser, "/authorize/resume", {{"state", state}}), "location").starts_with(std::string(World::kIssuer) + "u/"));
  set({"otp"}, {"all-applications"});
  EXPECT_EQ(location_parameter(with({{"prompt", "none"}}), "error"), "interaction_required");
  EXPECT_TRUE(location_parameter(with({}), "code").empty());
}

}  // namespace
}  // namespace gatehouse::oauth
