#include <gtest/gtest.h>

#include "sign_in/testing.h"

namespace gatehouse::sign_in {
namespace {

class UpstreamSignInTest : public ::testing::TestWithParam<std::string> {
 protected:
  UpstreamSignInTest() : door(GetParam()) { add("con_2", "acme-corp", "oidc"); }
  void add(const std::string& id, const std::string& name, const std::string& strategy, json::object more = {}) {
    json::object options{{"issuer", connections::FakeProvider::kIssuer}, {"client_id", "gatehouse"}, {"client_secret", "s"}};
    for (const auto& member : more) options[member.key()] = member.value();
    model::StoredObject stored{.id = id, .properties = {{"name", name}, {"strategy", strategy}, {"enabled_clients", json::array{"shop"}}, {"options", options}}};
    connections::must(door.db->write([&](storage::Transaction& tx) { return door.connections.objects().insert(tx, door.id, stored, door.clock.now()); }));
  }
  void set_option(const std::string& name, json::value value) {
    connections::must(door.db->write([&](storage::Transaction& tx) -> Result<void> {
      TRY(std::optional<model::StoredObject> stored, door.connections.objects().find(tx, door.id, "con_2"));
      stored->properties["options"].as_object()[name] = std::move(value);
      return door.connections.objects().replace(tx, door.id, *stored, door.clock.now());
    }));
  }
  Result<Authenticated, SignInError> sign_in(const std::string& name = "acme-corp") {
    Attempt attempt = door.attempt("eve");
    connection_ = connections::must(door.connections.find_by_name(door.id, name));
    attempt.connection = connection_.get();
    auto begun = door.upstream.begin(*connection_, "https://login.example.com/login/callback", "s", {});
    EXPECT_TRUE(begun) << (begun ? "" : begun.error().detail);
    door.provider.visited(begun->url);
    auto identity = door.upstream.finish(*connection_, begun->request, {{"code", "c"}});
    EXPECT_TRUE(identity) << (identity ? "" : identity.error().detail);
    return door.sign_in.with_upstream(attempt, *identity, door.upstream_store);
  }
  void claims(json::object more) { door.provider.more_claims = std::move(more); }
  std::optional<model::UpstreamTokens> tokens(const std::string& account) {
    return connections::must(door.db->read([&](storage::Reader& reader) { return door.upstream_store.tokens(reader, door.id, UserId(account)); }));
  }
  TestDoor door;
  std::shared_ptr<const model::Connection> connection_;
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, UpstreamSignInTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(UpstreamSignInTest, a_user_is_made_at_the_first_login_and_known_at_the_second) {
  claims({{"email", "eve@example.com"}, {"email_verified", true}, {"name", "Eve"}, {"groups", json::array{"staff"}}});
  auto who = sign_in();
  ASSERT_TRUE(who);
  EXPECT_EQ(who->user().id.str(), "oidc|acme-corp|248289761001");
  EXPECT_EQ(who->connection(), "acme-corp");
  EXPECT_TRUE(who->amr().empty());
  model::User user = door.user(who->user().id);
  EXPECT_EQ(user.email, "eve@example.com");
  EXPECT_TRUE(user.email_verified);
  EXPECT_FALSE(user.identities.front().is_social);
  EXPECT_EQ(door.log.types(), std::vector<std::string>{"ss"});
  EXPECT_EQ(door.log.events.front().strategy_type, "enterprise");
  claims({{"email", "eve.doe@example.com"}, {"name", "Eve Doe"}});
  who = sign_in();
  ASSERT_TRUE(who);
  user = door.user(who->user().id);
  EXPECT_EQ(user.attributes.at("name"), "Eve Doe");
  EXPECT_EQ(user.email, "eve.doe@example.com");
  EXPECT_FALSE(user.email_verified) << "the new address was not proved";
  EXPECT_FALSE(user.attributes.contains("groups")) << "no longer in any";
  EXPECT_EQ(door.log.types(), (std::vector<std::string>{"ss", "sce"}));
}

TEST_P(UpstreamSignInTest, an_address_never_finds_somebody_elses_account) {
  const model::User ada = door.add_user("ada@example.com", "Correct-Horse-7");
  claims({{"email", "ada@example.com"}, {"email_verified", true}});
  const auto who = sign_in();
  ASSERT_TRUE(who);
  EXPECT_NE(who->user().id, ada.id);
  EXPECT_EQ(door.user(ada.id).identities.size(), 1u);
}

TEST_P(UpstreamSignInTest, two_connections_of_a_strategy_never_share_an_account) {
  add("con_3", "github", "google-oauth2");
  add("con_4", "mirror", "google-oauth2");
  const auto first = sign_in("github"), second = sign_in("mirror"), again = sign_in("github"), second_again = sign_in("mirror");
  ASSERT_TRUE(first && second && again && second_again);
  EXPECT_EQ(first->user().id.str(), "google-oauth2|248289761001");
  EXPECT_EQ(second->user().id.str(), "google-oauth2|mirror|248289761001");
  EXPECT_EQ(again->user().id, first->user().id);
  EXPECT_EQ(second_again->user().id, second->user().id);
  EXPECT_TRUE(first->user().identities.front().is_social);
}

TEST_P(UpstreamSignInTest, root_attributes_are_set_when_the_connection_says_so) {
  set_option("set_user_root_attributes", "on_first_login");
  claims({{"email", "e@example.com"}, {"name", "Eve"}, {"department", "IT"}});
  ASSERT_TRUE(sign_in());
  claims({{"email", "e@example.com"}, {"name", "Changed"}, {"department", "HR"}});
  auto who = sign_in();
  EXPECT_EQ(who->user().attributes.at("name"), "Eve");
  EXPECT_EQ(who->user().attributes.at("department"), "HR");
  set_option("set_user_root_attributes", "never_on_login");
  claims({{"sub", "2"}, {"email", "f@example.com"}, {"name", "Fay"}});
  EXPECT_EQ(sign_in()->user().attributes.at("name"), "f@example.com");
}

TEST_P(UpstreamSignInTest, a_blocked_user_stays_outside) {
  auto who = sign_in();
  model::User user = who->user();
  user.blocked = true;
  connections::must(door.db->write([&](storage::Transaction& tx) { return door.users.replace(tx, user, door.clock.now()); }));
  who = sign_in();
  ASSERT_FALSE(who);
  EXPECT_EQ(who.error().code, SignInErrc::user_blocked);
  EXPECT_EQ(door.log.types().back(), "f");
}

TEST_P(UpstreamSignInTest, a_connection_without_sign_up_lets_in_only_whom_it_knows) {
  ASSERT_TRUE(sign_in());
  set_option("disable_signup", true);
  EXPECT_TRUE(sign_in());
  claims({{"sub", "new"}, {"email", "new@example.com"}});
  const auto who = sign_in();
  ASSERT_FALSE(who);
  EXPECT_EQ(who.error().code, SignInErrc::wrong_credentials);
  EXPECT_FALSE(connections::must(door.users.find(door.id, UserId("oidc|acme-corp|new"))));
}

TEST_P(UpstreamSignInTest, the_providers_tokens_are_kept_and_go_with_the_user) {
  door.provider.more_tokens = {{"refresh_token", "upstream-refresh"}};
  const auto who = sign_in();
  const auto kept = tokens("oidc|acme-corp|248289761001");
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->access_token.reveal(), "upstream-access");
  EXPECT_EQ(kept->refresh_token.reveal(), "upstream-refresh");
  EXPECT_EQ(kept->expires_in, 3600);
  connections::must(door.db->write([&](storage::Transaction& tx) { return door.users.remove(tx, door.id, who->user().id); }));
  EXPECT_FALSE(tokens("oidc|acme-corp|248289761001"));
}

TEST_P(UpstreamSignInTest, a_linked_account_signs_its_user_in_and_keeps_its_own_attributes) {
  const model::User ada = door.add_user("ada@example.com", "Correct-Horse-7");
  claims({{"email", "eve@example.com"}, {"email_verified", true}, {"name", "Eve"}});
  const auto eve = sign_in();
  connections::must(door.db->write([&](storage::Transaction& tx) -> Result<void> {
    TRY(auto primary, door.users.find(tx, door.id, ada.id));
    TRY(const auto secondary, door.users.find(tx, door.id, eve->user().id));
    return door.users.link(tx, *primary, *secondary, door.clock.now());
  }));
  claims({{"email", "other@example.com"}, {"name", "Evelyn"}});
  const auto who = sign_in();
  ASSERT_TRUE(who);
  EXPECT_EQ(who->user().id, ada.id);
  const model::User user = door.user(ada.id);
  EXPECT_EQ(user.email, "ada@example.com");
  ASSERT_EQ(user.identities.size(), 2u);
  EXPECT_EQ(user.identities[1].profile_data.at("name"), "Evelyn");
  EXPECT_EQ(user.identities[1].profile_data.at("email"), "other@example.com");
}

}  // namespace
}  // namespace gatehouse::sign_in
