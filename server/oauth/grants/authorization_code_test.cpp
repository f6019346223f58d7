#include <thread>

#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class AuthorizationCodeTest : public ProtocolTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, AuthorizationCodeTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

TEST_P(AuthorizationCodeTest, a_web_application_logs_a_user_in_and_gets_an_id_token_with_the_profile) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  const UserId id = w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"nonce", "n-1"}, {"max_age", "3600"}});
  const http::Response response = w.token(code_grant(client, app, code));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(header(response, "cache-control"), "no-store");
  const json::object tokens = json_of(response);
  EXPECT_EQ(text(tokens, "token_type"), "Bearer");
  EXPECT_EQ(get_int(tokens, "expires_in"), 86400);
  EXPECT_EQ(text(tokens, "scope"), "openid profile email");
  EXPECT_FALSE(tokens.contains("refresh_token"));
  const json::object claims = claims_of(text(tokens, "id_token"));
  EXPECT_EQ(text(claims, "iss"), World::kIssuer);
  EXPECT_EQ(text(claims, "sub"), id.str());
  EXPECT_EQ(text(claims, "aud"), client.str());
  EXPECT_EQ(text(claims, "nonce"), "n-1");
  EXPECT_EQ(text(claims, "email"), user + "@example.com");
  EXPECT_EQ(text(claims, "given_name"), "Given");
  EXPECT_FALSE(text(claims, "sid").empty());
  EXPECT_EQ(get_int(claims, "auth_time"), to_unix_seconds(w.clock.now()));
  EXPECT_EQ(get_int(claims, "exp").value() - get_int(claims, "iat").value(), 36000);
  EXPECT_FALSE(claims.contains("amr"));
  // Without an audience the access token is opaque, and opens /userinfo.
  const http::Response info = w.get("/userinfo", {}, {{"authorization", "Bearer " + text(tokens, "access_token")}});
  ASSERT_EQ(info.status, 200) << info.body;
  EXPECT_EQ(text(json_of(info), "sub"), id.str());
  EXPECT_EQ(text(json_of(info), "email"), user + "@example.com");
  // An ID token is no access token.
  EXPECT_EQ(w.get("/userinfo", {}, {{"authorization", "Bearer " + text(tokens, "id_token")}}).status, 401);
}

TEST_P(AuthorizationCodeTest, a_code_works_once_for_its_client_and_proves_possession_first) {
  const std::string app = unique("web"), other = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app), stranger = w.add_client(other);
  w.add_user(user);
  Browser browser;
  const std::string code =
      w.code_for(browser, client, app, user, {{"code_challenge", std::string(kChallenge)}, {"code_challenge_method", "S256"}});
  const auto refused = [&](Fields form) {
    const http::Response response = w.token(form);
    EXPECT_EQ(response.status, 403) << response.body;
    EXPECT_EQ(text(json_of(response), "error"), "invalid_grant");
  };
  refused(code_grant(stranger, other, code));
  refused(code_grant(client, app, code));  // no verifier
  Fields wrong = code_grant(client, app, code);
  wrong.emplace_back("code_verifier", kChallenge);
  refused(wrong);
  Fields elsewhere = code_grant(client, app, code);
  elsewhere.back().second = "https://" + app + ".example/other";
  elsewhere.emplace_back("code_verifier", kVerifier);
  refused(elsewhere);
  Fields right = code_grant(client, app, code);
  right.emplace_back("code_verifier", kVerifier);
  EXPECT_EQ(w.token(right).status, 200);
  refused(right);
  EXPECT_EQ(text(json_of(w.token(code_grant(client, app, "nonsense"))), "error_description"), "Invalid authorization code");
}

TEST_P(AuthorizationCodeTest, a_code_expires_and_a_verifier_without_challenge_is_refused) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser;
  const std::string plain = w.code_for(browser, client, app, user);
  Fields with_verifier = code_grant(client, app, plain);
  with_verifier.emplace_back("code_verifier", kVerifier);
  EXPECT_EQ(w.token(with_verifier).status, 403);
  w.clock.advance(seconds(61));
  EXPECT_EQ(w.token(code_grant(client, app, plain)).status, 403);
}

TEST_P(AuthorizationCodeTest, a_replayed_code_revokes_what_it_gave) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"scope", "openid offline_access"}});
  const std::string refresh = text(json_of(w.token(code_grant(client, app, code))), "refresh_token");
  ASSERT_FALSE(refresh.empty());
  EXPECT_EQ(w.token(refresh_grant(client, app, refresh)).status, 200);
  EXPECT_EQ(w.token(code_grant(client, app, code)).status, 403);
  EXPECT_EQ(w.token(refresh_grant(client, app, refresh)).status, 403);
}

TEST_P(AuthorizationCodeTest, of_fifty_concurrent_redemptions_one_wins) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app);
  w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user);
  std::atomic<int> won{0}, refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i)
    threads.emplace_back([&] {
      const http::Response response = w.token(code_grant(client, app, code));
      ++(response.status == 200 ? won : refused);
      if (response.status != 200) {
        EXPECT_EQ(response.status, 403) << response.body;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(refused, 49);
}

}  // namespace
}  // namespace gatehouse::oauth
