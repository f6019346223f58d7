#include <thread>

#include "oauth/protocol_test.h"

namespace gatehouse::oauth {
namespace {

class RefreshTokenTest : public ProtocolTest {};
INSTANTIATE_TEST_SUITE_P(EachDatabase, RefreshTokenTest, ::testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

const json::object kRotating{{"refresh_token",
                              {{"rotation_type", "rotating"},
                               {"expiration_type", "expiring"},
                               {"leeway", 0},
                               {"token_lifetime", 1000},
                               {"idle_token_lifetime", 500}}}};

TEST_P(RefreshTokenTest, a_rotated_refresh_token_is_dead_and_its_reuse_kills_the_family) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app, kRotating);
  w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"scope", "openid offline_access"}});
  const std::string first = text(json_of(w.token(code_grant(client, app, code))), "refresh_token");
  const json::object second = json_of(w.token(refresh_grant(client, app, first)));
  const std::string successor = text(second, "refresh_token");
  EXPECT_NE(successor, first);
  EXPECT_FALSE(text(second, "id_token").empty());
  EXPECT_EQ(w.token(refresh_grant(client, app, first)).status, 403);
  EXPECT_EQ(w.events.count("ferrt", client), 1u);
  EXPECT_EQ(w.token(refresh_grant(client, app, successor)).status, 403);
}

TEST_P(RefreshTokenTest, fifty_concurrent_uses_without_leeway_give_one_successor_and_a_dead_family) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app, kRotating);
  w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"scope", "openid offline_access"}});
  const std::string token = text(json_of(w.token(code_grant(client, app, code))), "refresh_token");
  std::atomic<int> won{0};
  std::mutex mutex;
  std::string successor;
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i)
    threads.emplace_back([&] {
      const http::Response response = w.token(refresh_grant(client, app, token));
      if (response.status != 200) return;
      ++won;
      const std::lock_guard lock(mutex);
      successor = text(json_of(response), "refresh_token");
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(w.token(refresh_grant(client, app, successor)).status, 403);
}

TEST_P(RefreshTokenTest, inside_the_leeway_the_previous_token_gives_the_same_successor_and_an_older_one_kills) {
  const std::string app = unique("web"), user = unique("ann");
  json::object policy = kRotating;
  policy["refresh_token"].as_object()["leeway"] = 30;
  const ClientId client = w.add_client(app, policy);
  w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"scope", "openid offline_access"}});
  const std::string first = text(json_of(w.token(code_grant(client, app, code))), "refresh_token");
  const std::string second = text(json_of(w.token(refresh_grant(client, app, first))), "refresh_token");
  EXPECT_EQ(text(json_of(w.token(refresh_grant(client, app, first))), "refresh_token"), second);
  const std::string third = text(json_of(w.token(refresh_grant(client, app, second))), "refresh_token");
  EXPECT_EQ(w.token(refresh_grant(client, app, first)).status, 403);  // two back
  EXPECT_EQ(w.token(refresh_grant(client, app, third)).status, 403);
}

TEST_P(RefreshTokenTest, refresh_tokens_end_when_idle_and_absolutely) {
  const std::string app = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app, kRotating);
  w.add_user(user);
  Browser browser;
  const auto begin = [&] {
    return text(json_of(w.token(code_grant(client, app, w.code_for(browser, client, app, user, {{"scope", "openid offline_access"}})))),
                "refresh_token");
  };
  const std::string idle = begin();
  w.clock.advance(seconds(501));
  EXPECT_EQ(w.token(refresh_grant(client, app, idle)).status, 403);
  std::string token = begin();
  for (int i = 0; i < 2; ++i) {
    w.clock.advance(seconds(450));
    token = text(json_of(w.token(refresh_grant(client, app, token))), "refresh_token");
    EXPECT_FALSE(token.empty());
  }
  w.clock.advance(seconds(150));  // 1050 s: rotation did not move the end
  EXPECT_EQ(w.token(refresh_grant(client, app, token)).status, 403);
}

TEST_P(RefreshTokenTest, a_refresh_narrows_and_never_widens_and_asks_the_user_anew) {
  const std::string app = unique("web"), user = unique("ann"), api = "https://" + unique("api") + ".example";
  const ClientId client = w.add_client(app);
  const UserId id = w.add_user(user);
  w.add_api(api, {"read:x", "write:x"}, {{"enforce_policies", true}, {"token_dialect", "access_token_authz"}});
  w.permit(id, api, {"read:x"});
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"scope", "openid offline_access read:x write:x"}, {"audience", api}});
  const json::object tokens = json_of(w.token(code_grant(client, app, code)));
  EXPECT_EQ(text(tokens, "scope"), "openid offline_access read:x");  // RBAC: not permitted to write
  EXPECT_EQ(claims_of(text(tokens, "access_token")).at("permissions"), json::array{"read:x"});
  const std::string refresh = text(tokens, "refresh_token");
  Fields narrow = refresh_grant(client, app, refresh);
  narrow.emplace_back("scope", "openid");
  EXPECT_EQ(text(json_of(w.token(narrow)), "scope"), "openid");
  narrow.back().second = "openid profile read:x write:x";
  EXPECT_EQ(text(json_of(w.token(narrow)), "scope"), "openid read:x");
  w.permit(id, api, {"write:x"});
  EXPECT_EQ(claims_of(text(json_of(w.token(refresh_grant(client, app, refresh))), "access_token")).at("permissions"),
            (json::array{"read:x", "write:x"}));
  Fields other = refresh_grant(client, app, refresh);
  other.emplace_back("audience", "https://elsewhere.example");
  EXPECT_EQ(w.token(other).status, 403);
  w.change_user(id, [](model::User& u) { u.blocked = true; });
  const http::Response blocked = w.token(refresh_grant(client, app, refresh));
  EXPECT_EQ(blocked.status, 403);
  EXPECT_EQ(text(json_of(blocked), "error_description"), "user is blocked");
}

TEST_P(RefreshTokenTest, another_clients_refresh_token_is_refused_and_lives_on) {
  const std::string app = unique("web"), other = unique("web"), user = unique("ann");
  const ClientId client = w.add_client(app, kRotating), stranger = w.add_client(other);
  w.add_user(user);
  Browser browser;
  const std::string code = w.code_for(browser, client, app, user, {{"scope", "openid offline_access"}});
  const std::string token = text(json_of(w.token(code_grant(client, app, code))), "refresh_token");
  EXPECT_EQ(w.token(refresh_grant(stranger, other, token)).status, 403);
  EXPECT_EQ(w.post("/oauth/revoke", {{"client_id", stranger.str()}, {"client_secret", World::secret(other)}, {"token", token}}).status,
            200);
  std::string forged = token;
  forged[forged.find('.') + 3] ^= 1;
  EXPECT_EQ(w.token(refresh_grant(client, app, forged)).status, 403);
  EXPECT_EQ(w.token(refresh_grant(client, app, token)).status, 200);
}

}  // namespace
}  // namespace gatehouse::oauth
