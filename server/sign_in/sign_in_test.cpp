#include "sign_in/sign_in.h"

#include <gtest/gtest.h>

#include "sign_in/testing.h"

namespace gatehouse::sign_in {
namespace {

constexpr const char* kPassword = "Correct-Horse-7";
constexpr const char* kAddress = "ada@example.com";

class SignInTest : public ::testing::TestWithParam<std::string> {
 protected:
  Attempt attempt(std::string identifier = kAddress, const std::string& ip = "192.0.2.7") { return t_.attempt(std::move(identifier), ip); }
  std::optional<SignInErrc> refusal(const Attempt& a, std::string_view password) {
    const auto result = t_.sign_in.with_password(a, password);
    if (!result) return result.error().code;
    const auto admitted = t_.sign_in.admit(a, *result);
    if (!admitted) return admitted.error().code;
    EXPECT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.sign_in.record_login(tx, a, *admitted); }));
    return std::nullopt;
  }
  TestDoor t_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, SignInTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(SignInTest, the_right_password_signs_in_however_the_address_is_spelt) {
  const model::User user = t_.add_user(kAddress, kPassword);
  for (const char* typed : {"ada@example.com", "ADA@Example.com", "  ada@example.com "}) {
    const auto who = t_.sign_in.with_password(attempt(typed), kPassword);
    ASSERT_TRUE(who) << typed;
    EXPECT_EQ(who->user().id, user.id);
    EXPECT_EQ(who->amr(), std::vector<std::string>{"pwd"});
  }
}

TEST_P(SignInTest, unknown_users_and_wrong_passwords_get_one_answer_and_two_events) {
  t_.add_user(kAddress, kPassword);
  const auto wrong = t_.sign_in.with_password(attempt(), "wrong");
  const auto unknown = t_.sign_in.with_password(attempt("nobody@example.com"), "wrong");
  ASSERT_FALSE(wrong);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(wrong.error().code, unknown.error().code);
  EXPECT_EQ(wrong.error().message, unknown.error().message);
  EXPECT_EQ(t_.log.types(), (std::vector<std::string>{"fp", "fu"}));
  EXPECT_EQ(t_.log.events[0].client_name, "Shop");
  EXPECT_EQ(t_.log.events[0].connection, "Users");
}

TEST_P(SignInTest, unknown_names_take_as_long_as_users_whose_hashes_were_imported) {
  // bcrypt, cost 11: some fifty times what hashes of these tests cost
  for (int i = 0; i < 4; ++i)
    t_.add_user("user" + std::to_string(i) + "@example.com", "", "$2b$11$KIXQ4S6oQ3c0m1cJ1hQv4eJ9b8xkq1l4d6D1m0pXb5Qb3nq8fJQvW");
  const auto time = [&](const std::string& name) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(refusal(attempt(name), "wrong"), SignInErrc::wrong_credentials);
    return std::chrono::steady_clock::now() - begin;
  };
  time("user0@example.com");
  const auto known = std::min({time("user0@example.com"), time("user1@example.com"), time("user2@example.com")});
  const auto unknown = std::min({time("nobody@example.com"), time("no-one@example.com"), time("none@example.com")});
  EXPECT_GT(unknown, known / 5);
  EXPECT_LT(unknown, known * 5);
}

TEST_P(SignInTest, after_ten_failures_even_the_right_password_is_refused) {
  t_.add_user(kAddress, kPassword);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(refusal(attempt(), "wrong"), SignInErrc::wrong_credentials) << i;
  EXPECT_EQ(refusal(attempt(), kPassword), SignInErrc::too_many_attempts);
  EXPECT_EQ(refusal(attempt("ADA@example.com"), kPassword), SignInErrc::too_many_attempts);
  EXPECT_EQ(t_.log.types().back(), "limit_wc");
  EXPECT_EQ(refusal(attempt(kAddress, "198.51.100.1"), kPassword), std::nullopt);
  ASSERT_FALSE(t_.mail.mails.empty());
  EXPECT_EQ(t_.mail.mails.back().template_name, "blocked_account");
}

TEST_P(SignInTest, guessing_by_username_and_by_address_is_one_count) {
  model::User user = t_.add_user(kAddress, kPassword);
  user.username = "countess";
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.users.replace(tx, user, t_.clock.now()); }));
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(refusal(attempt("countess"), "wrong"), SignInErrc::wrong_credentials);
    ASSERT_EQ(refusal(attempt(), "wrong"), SignInErrc::wrong_credentials);
  }
  EXPECT_EQ(refusal(attempt("countess"), kPassword), SignInErrc::too_many_attempts);
}

TEST_P(SignInTest, a_linked_account_signs_in_as_its_primary_user_with_its_own_password) {
  const model::User ada = t_.add_user(kAddress, kPassword), bob = t_.add_user("bob@example.com", "Another-Horse-8");
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) -> Result<void> {
    TRY(std::optional<model::User> primary, t_.users.find(tx, t_.id, ada.id));
    return t_.users.link(tx, *primary, bob, t_.clock.now());
  }));
  const auto who = t_.sign_in.with_password(attempt("bob@example.com"), "Another-Horse-8");
  ASSERT_TRUE(who);
  EXPECT_EQ(who->user().id, ada.id);
  EXPECT_EQ(*t_.db->read([&](storage::Reader& reader) { return t_.sign_in.still_holds(reader, t_.id, *who); }), true);
  EXPECT_EQ(refusal(attempt("bob@example.com"), kPassword), SignInErrc::wrong_credentials);
  EXPECT_EQ(refusal(attempt(), "Another-Horse-8"), SignInErrc::wrong_credentials);
  EXPECT_EQ(refusal(attempt(), kPassword), std::nullopt);
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) -> Result<void> {
    TRY(std::optional<model::User> primary, t_.users.find(tx, t_.id, ada.id));
    const std::string own = bob.identities.front().user_id;
    TRY_VOID(t_.users.unlink(tx, *primary, "auth0", own, t_.clock.now()));
    return {};
  }));
  EXPECT_EQ(*t_.db->read([&](storage::Reader& reader) { return t_.sign_in.still_holds(reader, t_.id, *who); }), false);
}

TEST_P(SignInTest, a_blocked_user_is_told_only_with_the_right_password) {
  model::User user = t_.add_user(kAddress, kPassword);
  user.blocked = true;
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.users.replace(tx, user, t_.clock.now()); }));
  EXPECT_EQ(refusal(attempt(), "wrong"), SignInErrc::wrong_credentials);
  EXPECT_EQ(refusal(attempt(), kPassword), SignInErrc::user_blocked);
}

TEST_P(SignInTest, a_connection_that_is_not_the_clients_is_refused) {
  t_.add_user(kAddress, kPassword);
  Attempt a = attempt();
  model::Connection other = *t_.connection();
  other.enabled_clients.clear();
  a.connection = &other;
  EXPECT_EQ(refusal(a, kPassword), SignInErrc::invalid_connection);
  other = *t_.connection();
  other.strategy = "google-oauth2";
  EXPECT_EQ(refusal(a, kPassword), SignInErrc::invalid_connection);
  a.connection = nullptr;
  EXPECT_EQ(refusal(a, kPassword), SignInErrc::invalid_connection);
}

TEST_P(SignInTest, an_imported_bcrypt_hash_is_replaced_at_the_first_login) {
  // "Correct-Horse-7" under bcrypt, cost 4
  const model::User user = t_.add_user(kAddress, kPassword, "$2b$04$abcdefghijklmnopqrstuuIhSHOYW62MYzOCiBO1FrAHfyr5D9TxS");
  const auto hash = [&] { return (*t_.db->read([&](storage::Reader& reader) { return t_.users.password(reader, t_.id, user.id); }))->hash; };
  ASSERT_EQ(refusal(attempt(), kPassword), std::nullopt);
  EXPECT_TRUE(hash().starts_with("$argon2id$"));
  EXPECT_EQ(refusal(attempt(), kPassword), std::nullopt);
}

TEST_P(SignInTest, an_endless_password_is_wrong_and_not_computed) {
  t_.add_user(kAddress, kPassword);
  EXPECT_EQ(refusal(attempt(), std::string(100'000, 'x')), SignInErrc::wrong_credentials);
}

class SessionTest : public SignInTest {
 protected:
  model::LoginTransaction begin() {
    model::LoginTransaction transaction{.id = model::TransactionStore::digest(t_.random.hex(8)), .tenant = t_.id, .client = ClientId("shop"), .browser_digest = "x",
                                        .step = "login", .created_at = t_.clock.now(), .expires_at = t_.clock.now() + seconds(3600)};
    EXPECT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.transactions.insert(tx, transaction); }));
    return transaction;
  }
  Result<SignIn::Started, SignInError> sign_in(model::LoginTransaction& transaction, std::optional<std::string_view> previous = std::nullopt) {
    const Attempt a = attempt();
    const auto who = t_.sign_in.with_password(a, kPassword);
    EXPECT_TRUE(who);
    const auto admitted = t_.sign_in.admit(a, *who);
    EXPECT_TRUE(admitted);
    return t_.sign_in.start_session(a, *admitted, transaction, previous);
  }
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, SessionTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(SessionTest, a_session_begins_with_its_event_and_moves_the_login_on) {
  const model::User user = t_.add_user(kAddress, kPassword);
  model::LoginTransaction transaction = begin();
  const auto started = sign_in(transaction);
  ASSERT_TRUE(started);
  EXPECT_EQ(transaction.step, "resume");
  EXPECT_EQ(transaction.user, user.id);
  EXPECT_EQ(transaction.session, started->session.id);
  const auto found = t_.sessions.find_by_secret(t_.id, started->cookie_value.reveal(), t_.clock.now());
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->id, started->session.id);
  EXPECT_NE((*found)->id.str(), started->cookie_value.reveal());
  EXPECT_EQ(t_.log.types(), std::vector<std::string>{"s"});
  EXPECT_EQ(t_.user(user.id).logins_count, 1);
  EXPECT_EQ(t_.user(user.id).last_ip, "192.0.2.7");
}

TEST_P(SessionTest, a_right_password_stays_counted_until_it_led_to_something) {
  t_.add_user(kAddress, kPassword);
  for (int i = 0; i < 9; ++i) ASSERT_EQ(refusal(attempt(), "wrong"), SignInErrc::wrong_credentials) << i;
  const Attempt a = attempt();
  const auto who = t_.sign_in.with_password(a, kPassword);
  ASSERT_TRUE(who);
  EXPECT_EQ(refusal(attempt(), kPassword), SignInErrc::too_many_attempts);
  model::LoginTransaction transaction = begin();
  ASSERT_TRUE(t_.sign_in.start_session(a, *t_.sign_in.admit(a, *who), transaction, std::nullopt));
  EXPECT_EQ(refusal(attempt(), "wrong"), SignInErrc::wrong_credentials) << "its session has cleared all of them";
}

TEST_P(SessionTest, one_login_uses_its_session_again_and_again_but_writes_it_once) {
  t_.add_user(kAddress, kPassword);
  model::LoginTransaction transaction = begin();
  const auto started = sign_in(transaction);
  const auto live = [&] { return *t_.sessions.find_by_secret(t_.id, started->cookie_value.reveal(), t_.clock.now()); };
  const auto touch = [&](const char* client) {
    const auto session = live();
    ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.sessions.touch(tx, *session, ClientId(client), std::chrono::hours(72), t_.clock.now()); }));
  };
  const Timestamp begun = t_.clock.now();
  EXPECT_EQ(live()->clients, std::vector<std::string>{"shop"});
  t_.clock.advance(seconds(59));
  touch("shop");
  EXPECT_EQ(live()->last_used_at, begun);
  touch("blog");
  EXPECT_EQ(live()->last_used_at, begun + seconds(59)) << "another application is news";
  EXPECT_EQ(live()->clients, (std::vector<std::string>{"shop", "blog"}));
  t_.clock.advance(seconds(61));
  touch("shop");
  EXPECT_EQ(live()->last_used_at, begun + seconds(120));
}

TEST_P(SessionTest, every_login_has_a_new_secret_and_ends_the_session_before) {
  t_.add_user(kAddress, kPassword);
  model::LoginTransaction first = begin(), second = begin();
  const auto one = sign_in(first);
  const auto two = sign_in(second, one->cookie_value.reveal());
  ASSERT_TRUE(two);
  EXPECT_NE(one->cookie_value.reveal(), two->cookie_value.reveal());
  EXPECT_FALSE(*t_.sessions.find_by_secret(t_.id, one->cookie_value.reveal(), t_.clock.now()));
}

TEST_P(SessionTest, a_planted_cookie_never_becomes_a_session) {
  t_.add_user(kAddress, kPassword);
  model::LoginTransaction transaction = begin();
  const auto started = sign_in(transaction, "planted-by-somebody-else");
  ASSERT_TRUE(started);
  EXPECT_NE(started->cookie_value.reveal(), "planted-by-somebody-else");
  EXPECT_FALSE(*t_.sessions.find_by_secret(t_.id, "planted-by-somebody-else", t_.clock.now()));
}

TEST_P(SessionTest, sessions_end_by_idleness_and_by_age) {
  t_.add_user(kAddress, kPassword);
  model::LoginTransaction transaction = begin();
  const auto started = sign_in(transaction);
  const auto live = [&] { return *t_.sessions.find_by_secret(t_.id, started->cookie_value.reveal(), t_.clock.now()); };
  const auto touch = [&] {
    const auto session = live();
    ASSERT_TRUE(session);
    ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.sessions.touch(tx, *session, ClientId("shop"), std::chrono::hours(72), t_.clock.now()); }));
  };
  t_.clock.advance(std::chrono::hours(71));
  touch();
  EXPECT_EQ(live()->clients, std::vector<std::string>{"shop"});
  t_.clock.advance(std::chrono::hours(71));
  touch();
  t_.clock.advance(std::chrono::hours(27));
  EXPECT_FALSE(live()) << "168 hours are the end, however busy it was";
  EXPECT_EQ(*t_.db->write([&](storage::Transaction& tx) { return t_.sessions.remove_expired(tx, t_.clock.now(), 10); }), 1);
}

TEST_P(SessionTest, somebody_blocked_since_the_password_fitted_gets_no_session) {
  model::User user = t_.add_user(kAddress, kPassword);
  model::LoginTransaction transaction = begin();
  const Attempt a = attempt();
  const auto who = t_.sign_in.with_password(a, kPassword);
  user.blocked = true;
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.users.replace(tx, user, t_.clock.now()); }));
  const auto started = t_.sign_in.start_session(a, *t_.sign_in.admit(a, *who), transaction, std::nullopt);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, SignInErrc::user_blocked);
  EXPECT_EQ(transaction.step, "login");
}

TEST_P(SessionTest, a_password_changed_in_the_middle_of_a_login_starts_none) {
  const model::User user = t_.add_user(kAddress, kPassword);
  model::LoginTransaction transaction = begin();
  const Attempt a = attempt();
  const auto who = t_.sign_in.with_password(a, kPassword);
  ASSERT_TRUE(who);
  t_.clock.advance(seconds(1));
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.users.set_password(tx, t_.id, user.id, "another hash", 0, t_.clock.now()); }));
  EXPECT_FALSE(t_.sign_in.start_session(a, *t_.sign_in.admit(a, *who), transaction, std::nullopt));
  EXPECT_EQ(transaction.step, "login");
}

TEST_P(SessionTest, a_login_that_waits_for_a_second_factor_goes_on_as_it_was) {
  const model::User user = t_.add_user(kAddress, kPassword);
  const Attempt a = attempt();
  const auto who = t_.sign_in.with_password(a, kPassword);
  ASSERT_TRUE(who);
  const auto suspended = t_.db->write([&](storage::Transaction& tx) { return t_.sign_in.suspend(tx, *who); });
  ASSERT_TRUE(suspended);
  const auto resumed = t_.db->read([&](storage::Reader& reader) { return t_.sign_in.resumed(reader, t_.id, *suspended); });
  ASSERT_TRUE(resumed.ok() && resumed->has_value());
  EXPECT_EQ((*resumed)->user().id, user.id);
  EXPECT_EQ((*resumed)->connection(), who->connection());
  EXPECT_EQ((*resumed)->amr(), std::vector<std::string>{"pwd"});
  EXPECT_EQ((*resumed)->at(), who->at());
}

TEST_P(SessionTest, a_login_that_waits_ends_when_the_password_changes_or_the_user_is_blocked) {
  model::User user = t_.add_user(kAddress, kPassword);
  const auto who = t_.sign_in.with_password(attempt(), kPassword);
  ASSERT_TRUE(who);
  const auto suspended = t_.db->write([&](storage::Transaction& tx) { return t_.sign_in.suspend(tx, *who); });
  ASSERT_TRUE(suspended);
  const auto goes_on = [&] {
    const auto resumed = t_.db->read([&](storage::Reader& reader) { return t_.sign_in.resumed(reader, t_.id, *suspended); });
    EXPECT_TRUE(resumed);
    return resumed->has_value();
  };
  user.blocked = true;
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.users.replace(tx, user, t_.clock.now()); }));
  EXPECT_FALSE(goes_on());
  user.blocked = false;
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.users.replace(tx, user, t_.clock.now()); }));
  EXPECT_TRUE(goes_on());
  t_.clock.advance(seconds(1));
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.users.set_password(tx, t_.id, user.id, "another hash", 0, t_.clock.now()); }));
  EXPECT_FALSE(goes_on());
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.users.remove(tx, t_.id, user.id); }));
  EXPECT_FALSE(goes_on());
}

TEST_P(SessionTest, right_passwords_before_a_second_factor_do_not_count_as_failures) {
  t_.add_user(kAddress, kPassword);
  for (int i = 0; i < 15; ++i) {
    const auto who = t_.sign_in.with_password(attempt(), kPassword);
    ASSERT_TRUE(who) << i << ": " << who.error().message;
    ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.sign_in.suspend(tx, *who); }));
  }
}

TEST_P(SessionTest, all_sessions_of_a_user_end_at_once) {
  const model::User user = t_.add_user(kAddress, kPassword);
  model::LoginTransaction first = begin(), second = begin();
  const auto one = sign_in(first), two = sign_in(second);
  EXPECT_EQ(*t_.db->write([&](storage::Transaction& tx) { return t_.sessions.remove_all(tx, t_.id, user.id, two->session.id); }), 1);
  EXPECT_FALSE(*t_.sessions.find_by_secret(t_.id, one->cookie_value.reveal(), t_.clock.now()));
  EXPECT_TRUE(*t_.sessions.find_by_secret(t_.id, two->cookie_value.reveal(), t_.clock.now()));
}

}  // namespace
}  // namespace gatehouse::sign_in
