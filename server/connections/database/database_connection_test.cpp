#include "connections/database/database_connection.h"

#include <gtest/gtest.h>

#include "connections/testing.h"
#include "model/login_failures/login_failure_store.h"

namespace gatehouse::connections {
namespace {

constexpr const char* kPassword = "Correct-Horse-7";

class DatabaseConnectionTest : public ::testing::TestWithParam<std::string> {
 protected:
  DatabaseResult<model::User> sign_up(SignUp request) { return t_.database.sign_up(*t_.tenant(), *t_.connection(), t_.client().get(), std::move(request), t_.event()); }
  static SignUp ada(const char* password = kPassword) {
    SignUp request{.email = "Ada@Example.com", .password = SecretString(password)};
    return request;
  }
  DatabaseResult<model::Ticket> change(std::string_view ticket, std::string_view password) {
    return t_.database.change_password_with_ticket(*t_.tenant(), *t_.connection(), ticket, password, t_.event());
  }
  std::string reset_ticket(std::string_view identifier) {
    EXPECT_TRUE(t_.database.request_password_change(*t_.tenant(), *t_.connection(), t_.client().get(), identifier, t_.event()));
    return t_.mail.ticket();
  }
  std::optional<model::PasswordCredential> credential(const UserId& id) {
    return *t_.db->read([&](storage::Reader& reader) { return t_.users.password(reader, t_.id, id); });
  }
  TestTenant t_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, DatabaseConnectionTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(DatabaseConnectionTest, a_sign_up_makes_an_unverified_user_and_mails_a_link) {
  const auto user = sign_up(ada());
  ASSERT_TRUE(user) << user.error().message;
  EXPECT_EQ(user->email, "ada@example.com");
  EXPECT_FALSE(user->email_verified);
  EXPECT_EQ(user->id.str().substr(0, 6), "auth0|");
  ASSERT_EQ(t_.mail.mails.size(), 1u);
  EXPECT_EQ(t_.mail.mails[0].template_name, "verify_email");
  EXPECT_EQ(t_.mail.mails[0].to, "ada@example.com");
  EXPECT_TRUE(std::string(t_.mail.mails[0].variables.at("url").as_string()).starts_with("https://login.example.com/u/email-verification?ticket="));
  EXPECT_EQ(t_.log.types(), std::vector<std::string>{"ss"});
  EXPECT_TRUE(*t_.hasher.verify(kPassword, credential(user->id)->hash));
}

TEST_P(DatabaseConnectionTest, an_address_is_taken_in_any_spelling_and_nothing_changes) {
  ASSERT_TRUE(sign_up(ada()));
  SignUp again = ada("Another-Horse-8");
  again.email = "ADA@EXAMPLE.COM";
  const auto refused = sign_up(std::move(again));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, DatabaseErrc::user_exists);
  EXPECT_EQ(t_.mail.mails.size(), 1u);
  EXPECT_EQ(t_.log.types(), (std::vector<std::string>{"ss", "fs"}));
}

TEST_P(DatabaseConnectionTest, bad_sign_ups_are_refused_and_store_nothing) {
  const auto code = [&](SignUp request) {
    const auto result = sign_up(std::move(request));
    return result ? std::nullopt : std::optional(result.error().code);
  };
  EXPECT_EQ(code(ada("short")), DatabaseErrc::password_too_short);
  SignUp request = ada();
  request.email = "ada@example.com\r\nBcc: eve@example.com";
  EXPECT_EQ(code(std::move(request)), DatabaseErrc::invalid_email);
  request = ada();
  request.email.reset();
  EXPECT_EQ(code(std::move(request)), DatabaseErrc::invalid_email);
  request = ada();
  request.name = "Ada\r\nBcc: eve@example.com";
  EXPECT_EQ(code(std::move(request)), DatabaseErrc::invalid_signup);
  t_.set_options({{"disable_signup", true}});
  EXPECT_EQ(code(ada()), DatabaseErrc::invalid_signup);
  t_.set_options({{"requires_username", true}});
  EXPECT_EQ(code(ada()), DatabaseErrc::username_required);
  request = ada();
  request.username = "ada lovelace";
  EXPECT_EQ(code(std::move(request)), DatabaseErrc::invalid_username);
  request = ada();
  request.username = "ada@example.com";
  EXPECT_EQ(code(std::move(request)), DatabaseErrc::invalid_username);
  EXPECT_TRUE(t_.mail.mails.empty());
}

TEST_P(DatabaseConnectionTest, the_link_of_the_mail_verifies_once) {
  const auto user = sign_up(ada());
  const std::string ticket = t_.mail.ticket();
  ASSERT_TRUE(t_.database.verify_email_with_ticket(*t_.tenant(), ticket, t_.event()));
  EXPECT_TRUE(t_.user(user->id).email_verified);
  const auto again = t_.database.verify_email_with_ticket(*t_.tenant(), ticket, t_.event());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, DatabaseErrc::ticket_used);
  EXPECT_EQ(t_.database.verify_email_with_ticket(*t_.tenant(), "nonsense", t_.event()).error().code, DatabaseErrc::ticket_unknown);
  EXPECT_EQ(t_.log.types(), (std::vector<std::string>{"ss", "sv", "fv", "fv"}));
}

TEST_P(DatabaseConnectionTest, a_link_sent_to_a_former_address_verifies_nothing) {
  auto user = sign_up(ada());
  user->email = "eve@example.com";
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.users.replace(tx, *user, t_.clock.now()); }));
  EXPECT_EQ(t_.database.verify_email_with_ticket(*t_.tenant(), t_.mail.ticket(), t_.event()).error().code, DatabaseErrc::ticket_unknown);
  EXPECT_FALSE(t_.user(user->id).email_verified);
}

TEST_P(DatabaseConnectionTest, a_request_for_a_stranger_looks_the_same_and_mails_nobody) {
  EXPECT_TRUE(t_.database.request_password_change(*t_.tenant(), *t_.connection(), nullptr, "nobody@example.com", t_.event()));
  EXPECT_TRUE(t_.mail.mails.empty());
  EXPECT_EQ(t_.log.types(), std::vector<std::string>{"fcpr"});
}

TEST_P(DatabaseConnectionTest, a_reset_ends_sessions_refresh_tokens_and_blocks) {
  const model::User user = t_.add_user("ada@example.com", kPassword);
  const std::string ticket = reset_ticket("ada@example.com");
  EXPECT_EQ(t_.mail.mails.back().template_name, "reset_email");
  model::RefreshTokenFamily family{.id = "family", .tenant = t_.id, .client = ClientId("shop"), .user = user.id, .created_at = t_.clock.now()};
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) -> Result<void> {
    TRY_VOID(t_.refresh_tokens.insert(tx, family));
    TRY_VOID(model::LoginFailureStore{}.count(tx, t_.id, "ada@example.com", "192.0.2.7", 1, t_.clock.now()));
    return {};
  }));
  ASSERT_TRUE(change(ticket, "Another-Horse-8"));
  EXPECT_TRUE(*t_.hasher.verify("Another-Horse-8", credential(user.id)->hash));
  EXPECT_TRUE(t_.user(user.id).email_verified) << "whoever follows the link reads the mailbox";
  EXPECT_TRUE(t_.user(user.id).last_password_reset.has_value());
  EXPECT_FALSE(*t_.db->read([&](storage::Reader& reader) { return t_.refresh_tokens.find(reader, t_.id, "family"); }));
  EXPECT_EQ(*t_.db->read([&](storage::Reader& reader) { return model::LoginFailureStore{}.failures(reader, t_.id, "ada@example.com", "192.0.2.7", t_.clock.now()); }), 0);
  EXPECT_EQ(change(ticket, "Third-Horse-9").error().code, DatabaseErrc::ticket_used);
}

TEST_P(DatabaseConnectionTest, a_refused_password_leaves_the_link_usable) {
  t_.add_user("ada@example.com", kPassword);
  const std::string ticket = reset_ticket("ada@example.com");
  EXPECT_EQ(change(ticket, "short").error().code, DatabaseErrc::password_too_short);
  EXPECT_TRUE(change(ticket, "Another-Horse-8"));
}

TEST_P(DatabaseConnectionTest, only_the_newest_link_works_and_not_for_ever) {
  t_.add_user("ada@example.com", kPassword);
  const std::string first = reset_ticket("ada@example.com"), second = reset_ticket("ada@example.com");
  EXPECT_EQ(change(first, "Another-Horse-8").error().code, DatabaseErrc::ticket_used);
  t_.clock.advance(seconds(432'000));
  EXPECT_EQ(change(second, "Another-Horse-8").error().code, DatabaseErrc::ticket_expired);
}

TEST_P(DatabaseConnectionTest, the_mail_template_says_how_long_a_link_works_and_where_it_leads) {
  t_.mail.links = {.lifetime = seconds(60), .result_url = "https://shop.example.com/done"};
  t_.add_user("ada@example.com", kPassword);
  const std::string ticket = reset_ticket("ada@example.com");
  const auto found = *t_.db->read([&](storage::Reader& reader) { return t_.tickets.find(reader, t_.id, "change_password", ticket, t_.clock.now()); });
  ASSERT_TRUE(found.ticket);
  EXPECT_EQ(found.ticket->data.at("result_url"), json::value("https://shop.example.com/done"));
  t_.clock.advance(seconds(61));
  EXPECT_EQ(change(ticket, "Another-Horse-8").error().code, DatabaseErrc::ticket_expired);
}

TEST_P(DatabaseConnectionTest, earlier_passwords_do_not_come_back) {
  t_.set_options({{"password_history", {{"enable", true}, {"size", 2}}}});
  t_.add_user("ada@example.com", kPassword);
  EXPECT_EQ(change(reset_ticket("ada@example.com"), kPassword).error().code, DatabaseErrc::password_in_history);
  ASSERT_TRUE(change(reset_ticket("ada@example.com"), "Second-Horse-2"));
  EXPECT_EQ(change(reset_ticket("ada@example.com"), kPassword).error().code, DatabaseErrc::password_in_history);
  ASSERT_TRUE(change(reset_ticket("ada@example.com"), "Third-Horse-3"));
  EXPECT_TRUE(change(reset_ticket("ada@example.com"), kPassword)) << "the history holds two";
}

}  // namespace
}  // namespace gatehouse::connections
