#include <gtest/gtest.h>

#include "sign_in/testing.h"

namespace gatehouse::sign_in {
namespace {

using connections::must;

class PasswordlessSignInTest : public ::testing::TestWithParam<std::string> {
 protected:
  PasswordlessSignInTest() {
    must(d.db->write([&](storage::Transaction& tx) -> Result<void> {
      for (const auto& [strategy, clients] : {std::pair{"email", json::array{"shop"}}, std::pair{"sms", json::array{}}}) {
        model::StoredObject stored{.id = std::string("con_") + strategy,
                                   .properties = {{"name", strategy}, {"strategy", strategy}, {"enabled_clients", clients}, {"options", json::object{}}}};
        TRY_VOID(d.connections.objects().insert(tx, d.id, stored, d.clock.now()));
      }
      return {};
    }));
  }
  Attempt attempt(const std::string& address = "ada@example.com", const std::string& connection = "email", const std::string& ip = "192.0.2.7") {
    Attempt a = d.attempt(address, ip);
    kept = must(d.connections.find_by_name(d.id, connection));
    a.connection = kept.get();
    return a;
  }
  std::string code(const std::string& address = "ada@example.com") {
    const auto connection = must(d.connections.find_by_name(d.id, "email"));
    const auto tenant = d.tenant();
    const auto client = d.client();
    EXPECT_TRUE(d.passwordless.start({.tenant = *tenant, .connection = *connection, .client = *client, .address = address, .event = d.event("198.51.100.1")}));
    return std::string(*get_string(d.mail.mails.back().variables, "code"));
  }
  auto enter(const Attempt& a, const std::string& typed) { return d.sign_in.with_one_time_code(a, d.passwordless, typed); }
  /// Why nobody was let in; nullopt: somebody was.
  std::optional<SignInErrc> refused(const Attempt& a, const std::string& typed) {
    const auto who = enter(a, typed);
    return who ? std::nullopt : std::optional(who.error().code);
  }
  TestDoor d{GetParam()};
  std::shared_ptr<const model::Connection> kept;
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, PasswordlessSignInTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(PasswordlessSignInTest, a_right_code_is_proof_of_one_factor) {
  const std::string right = code();
  const auto who = enter(attempt(" ada@example.com"), right);
  EXPECT_FALSE(who) << "an address with blanks is another one";
  const auto proved = enter(attempt("ADA@example.com"), right);
  ASSERT_TRUE(proved) << proved.error().message;
  EXPECT_EQ(proved->connection(), "email");
  EXPECT_EQ(proved->amr(), std::vector<std::string>{"otp"});
  EXPECT_FALSE(proved->has("mfa"));
}

TEST_P(PasswordlessSignInTest, ten_wrong_codes_block_the_address_whatever_code_comes_next) {
  std::string right;
  for (int i = 0; i < 10; ++i) {
    if (i % 3 == 0) right = code();
    const auto who = enter(attempt(), "x");
    ASSERT_FALSE(who);
    EXPECT_EQ(who.error().code, SignInErrc::wrong_credentials) << i;
  }
  right = code();
  EXPECT_EQ(refused(attempt(), right), SignInErrc::too_many_attempts);
  EXPECT_TRUE(enter(attempt("ada@example.com", "email", "203.0.113.9"), right)) << "from elsewhere the person may go on";
}

TEST_P(PasswordlessSignInTest, a_right_code_forgives_the_wrong_ones_before_it) {
  for (int round = 0; round < 6; ++round) {
    const std::string right = code("bob@example.com");
    EXPECT_FALSE(enter(attempt("bob@example.com"), "x"));
    EXPECT_FALSE(enter(attempt("bob@example.com"), "y"));
    EXPECT_TRUE(enter(attempt("bob@example.com"), right)) << round;
    d.clock.advance(std::chrono::minutes(10));
  }
}

TEST_P(PasswordlessSignInTest, connections_that_are_not_the_applications_let_nobody_in) {
  EXPECT_EQ(refused(attempt("+15550100123", "sms"), "123456"), SignInErrc::invalid_connection);
  EXPECT_EQ(refused(attempt("ada@example.com", "Users"), "123456"), SignInErrc::invalid_connection) << "a database without the method";
}

TEST_P(PasswordlessSignInTest, a_blocked_user_is_told_only_with_the_right_code) {
  const auto who = enter(attempt(), code());
  ASSERT_TRUE(who);
  model::User user = d.user(who->user().id);
  user.blocked = true;
  must(d.db->write([&](storage::Transaction& tx) { return d.users.replace(tx, user, d.clock.now()); }));
  const std::string right = code();
  EXPECT_EQ(refused(attempt(), "x"), SignInErrc::wrong_credentials);
  EXPECT_EQ(refused(attempt(), right), SignInErrc::user_blocked);
}

}  // namespace
}  // namespace gatehouse::sign_in
