#include "connections/passwordless/passwordless_connection.h"

#include <gtest/gtest.h>

#include "connections/testing.h"

namespace gatehouse::connections {
namespace {

class PasswordlessTest : public ::testing::TestWithParam<std::string> {
 protected:
  PasswordlessTest() { make_passwordless("email", "con_e"), make_passwordless("sms", "con_s"); }
  void make_passwordless(const std::string& strategy, const std::string& id, const json::object& options = {}) {
    must(t.db->write([&](storage::Transaction& tx) -> Result<void> {
      model::StoredObject stored{.id = id, .properties = {{"name", strategy}, {"strategy", strategy}, {"enabled_clients", json::array{"shop"}}, {"options", options}}};
      TRY(const auto before, t.connections.objects().find(tx, t.id, id));
      if (before) stored.position = before->position;
      return before ? t.connections.objects().replace(tx, t.id, stored, t.clock.now()) : t.connections.objects().insert(tx, t.id, stored, t.clock.now());
    }));
  }
  PasswordlessResult<PasswordlessConnection::Sent> start(const std::string& connection, const std::string& address, bool link = false,
                                                         const std::string& browser = "", const std::string& ip = "192.0.2.7") {
    const auto c = must(t.connections.find_by_name(t.id, connection));
    const auto tenant = t.tenant();
    const auto client = t.client();
    return t.passwordless.start({.tenant = *tenant, .connection = *c, .client = *client, .address = address, .link = link, .browser = browser, .event = t.event(ip)});
  }
  PasswordlessResult<PasswordlessConnection::Redeemed> redeem(const std::string& connection, const std::string& address, const std::string& code,
                                                              const std::string& client_id = "shop", const std::string& browser = "") {
    const auto c = must(t.connections.find_by_name(t.id, connection));
    const auto tenant = t.tenant();
    model::Client client = *t.client();
    client.id = ClientId(client_id);
    const bool link = !browser.empty();
    return t.passwordless.redeem({.tenant = *tenant,
                                  .connection = *c,
                                  .client = client,
                                  .address = address,
                                  .code = link ? PasswordlessConnection::link_digest(code) : code,
                                  .link = link,
                                  .browser = browser,
                                  .event = t.event()});
  }
  std::string mailed_code() const { return std::string(*get_string(t.mail.mails.back().variables, "code")); }
  std::string texted_code() const { return std::string(*get_string(t.mail.phone_messages.back().variables, "code")); }
  TestTenant t{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, PasswordlessTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(PasswordlessTest, the_first_success_makes_the_user_with_a_verified_address) {
  const auto sent = start("email", "Ada@Example.com");
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->address, "ada@example.com");
  EXPECT_EQ(mailed_code().size(), 6U);
  const auto first = redeem("email", "ADA@example.com", mailed_code());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->user.id.str(), "email|" + sent->id);
  EXPECT_TRUE(t.user(first->user.id).email_verified);
  EXPECT_EQ(first->proof.user(), first->user.id);
  ASSERT_TRUE(start("email", "ada@example.com"));
  const auto again = redeem("email", "ada@example.com", mailed_code());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->user.id, first->user.id);
  EXPECT_EQ(t.log.types(), (std::vector<std::string>{"cls", "ss", "cls"}));
}

TEST_P(PasswordlessTest, phones_get_a_text_and_make_a_user_of_the_number) {
  ASSERT_TRUE(start("sms", "+1 (555) 0100-123"));
  EXPECT_EQ(t.mail.phone_messages.back().to, "+15550100123");
  const auto redeemed = redeem("sms", "+15550100123", texted_code());
  ASSERT_TRUE(redeemed);
  EXPECT_TRUE(redeemed->user.id.str().starts_with("sms|"));
  EXPECT_TRUE(t.user(redeemed->user.id).phone_verified);
  EXPECT_EQ(start("sms", "0100").error().code, PasswordlessErrc::invalid_address);
  EXPECT_EQ(start("email", "no address").error().code, PasswordlessErrc::invalid_address);
}

TEST_P(PasswordlessTest, a_code_is_bound_to_address_connection_and_application) {
  ASSERT_TRUE(start("email", "ada@example.com"));
  EXPECT_EQ(redeem("email", "bob@example.com", mailed_code()).error().code, PasswordlessErrc::code_over);
  EXPECT_EQ(redeem("email", "ada@example.com", mailed_code(), "other").error().code, PasswordlessErrc::code_over);
  EXPECT_TRUE(redeem("email", "ada@example.com", mailed_code()));
  EXPECT_EQ(redeem("email", "ada@example.com", mailed_code()).error().code, PasswordlessErrc::code_over) << "used";
}

TEST_P(PasswordlessTest, three_wrong_tries_or_three_minutes_end_a_code) {
  ASSERT_TRUE(start("email", "ada@example.com"));
  EXPECT_EQ(redeem("email", "ada@example.com", "x").error().code, PasswordlessErrc::wrong_code);
  EXPECT_EQ(redeem("email", "ada@example.com", "").error().code, PasswordlessErrc::wrong_code);
  EXPECT_EQ(redeem("email", "ada@example.com", "y").error().code, PasswordlessErrc::code_over);
  EXPECT_EQ(redeem("email", "ada@example.com", mailed_code()).error().code, PasswordlessErrc::code_over);
  ASSERT_TRUE(start("email", "ada@example.com"));
  t.clock.advance(seconds(180));
  EXPECT_EQ(redeem("email", "ada@example.com", mailed_code()).error().code, PasswordlessErrc::code_over);
}

TEST_P(PasswordlessTest, options_say_how_long_codes_are_and_live) {
  make_passwordless("email", "con_e", {{"totp", {{"length", 8}, {"time_step", 300}}}});
  ASSERT_TRUE(start("email", "ada@example.com"));
  EXPECT_EQ(mailed_code().size(), 8U);
  t.clock.advance(seconds(299));
  EXPECT_TRUE(redeem("email", "ada@example.com", mailed_code()));
}

TEST_P(PasswordlessTest, without_sign_up_only_those_who_are_there_get_codes) {
  ASSERT_TRUE(start("email", "ada@example.com"));
  ASSERT_TRUE(redeem("email", "ada@example.com", mailed_code()));
  make_passwordless("email", "con_e", {{"disable_signup", true}});
  EXPECT_TRUE(start("email", "ada@example.com"));
  const size_t mails = t.mail.mails.size();
  EXPECT_EQ(start("email", "eve@example.com").error().code, PasswordlessErrc::signup_disabled);
  EXPECT_EQ(t.mail.mails.size(), mails);
}

TEST_P(PasswordlessTest, messages_are_bounded_by_address_and_by_network) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(start("email", "ada@example.com", false, "", "192.0.2." + std::to_string(i)));
  EXPECT_EQ(start("email", "ada@example.com", false, "", "192.0.2.99").error().code, PasswordlessErrc::too_many_messages);
  int sent = 0;
  for (int i = 0; i < 60; ++i) sent += start("email", "p" + std::to_string(i) + "@example.com", false, "", "198.51.100.1").ok();
  EXPECT_EQ(sent, 50);
}

TEST_P(PasswordlessTest, links_carry_a_long_secret_and_may_be_held_to_one_browser) {
  ASSERT_TRUE(start("email", "ada@example.com", true, "browser-digest"));
  const std::string link(*get_string(t.mail.mails.back().variables, "link"));
  EXPECT_TRUE(link.starts_with("https://login.example.com/passwordless/verify_redirect?verification_code=")) << link;
  EXPECT_NE(link.find("&client_id=shop&email=ada%40example.com"), std::string::npos) << link;
  EXPECT_EQ(mailed_code().size(), 43U);
  EXPECT_EQ(redeem("email", "ada@example.com", mailed_code()).error().code, PasswordlessErrc::code_over) << "no code";
  EXPECT_EQ(redeem("email", "ada@example.com", PasswordlessConnection::link_digest(mailed_code())).error().code, PasswordlessErrc::code_over);
  EXPECT_EQ(redeem("email", "ada@example.com", mailed_code(), "shop", "another").error().code, PasswordlessErrc::code_over);
  ASSERT_TRUE(start("email", "ada@example.com", true, "browser-digest"));
  EXPECT_TRUE(redeem("email", "ada@example.com", mailed_code(), "shop", "browser-digest"));
  ASSERT_TRUE(start("email", "ada@example.com", true));
  const std::string older = mailed_code();
  ASSERT_TRUE(start("email", "ada@example.com"));
  EXPECT_EQ(redeem("email", "ada@example.com", older, "shop", "any").error().code, PasswordlessErrc::code_over) << "a code came after it";
  EXPECT_TRUE(redeem("email", "ada@example.com", mailed_code()));
}

TEST_P(PasswordlessTest, an_address_that_moved_on_does_not_give_its_account_away) {
  ASSERT_TRUE(start("email", "ada@example.com"));
  auto first = redeem("email", "ada@example.com", mailed_code());
  ASSERT_TRUE(first);
  model::User moved = t.user(first->user.id);
  moved.email = "ada@elsewhere.example";
  must(t.db->write([&](storage::Transaction& tx) { return t.users.replace(tx, moved, t.clock.now()); }));
  ASSERT_TRUE(start("email", "ada@example.com"));
  const auto second = redeem("email", "ada@example.com", mailed_code());
  ASSERT_TRUE(second);
  EXPECT_NE(second->user.id, first->user.id);
}

TEST_P(PasswordlessTest, databases_send_codes_to_users_they_have_where_the_method_is_on) {
  const model::User ada = t.add_user("ada@example.com", "secret");
  EXPECT_EQ(start("Users", "ada@example.com").error().code, PasswordlessErrc::invalid_address) << "off";
  EXPECT_FALSE(PasswordlessConnection::sends_codes(*t.connection()));
  t.set_options({{"authentication_methods", {{"email_otp", {{"enabled", true}}}}},
                 {"attributes", {{"email", {{"identifier", {{"active", true}, {"default_method", "email_otp"}}}}}}}});
  EXPECT_TRUE(PasswordlessConnection::begins_with_code(*t.connection(), "ada@example.com"));
  EXPECT_FALSE(PasswordlessConnection::begins_with_code(*t.connection(), "+15550100123"));
  EXPECT_FALSE(PasswordlessConnection::begins_with_code(*t.connection(), "ada"));
  ASSERT_TRUE(start("Users", "ada@example.com", true));
  EXPECT_EQ(mailed_code().size(), 6U) << "never a link";
  EXPECT_EQ(start("Users", "nobody@example.com").error().code, PasswordlessErrc::signup_disabled);
  const auto redeemed = redeem("Users", "ada@example.com", mailed_code());
  ASSERT_TRUE(redeemed);
  EXPECT_EQ(redeemed->user.id, ada.id);
  EXPECT_TRUE(t.user(ada.id).email_verified);
}

TEST_P(PasswordlessTest, the_connections_own_words_are_used) {
  make_passwordless("email", "con_e", {{"email", {{"subject", "S"}, {"body", "B {{ code }}"}}}});
  make_passwordless("sms", "con_s", {{"provider", "twilio"}, {"twilio_sid", "AC1"}, {"template", "T @@password@@"}});
  ASSERT_TRUE(start("email", "ada@example.com"));
  EXPECT_EQ(get_string(t.mail.mails.back().document, "body"), "B {{ code }}");
  ASSERT_TRUE(start("sms", "+15550100123"));
  EXPECT_EQ(t.mail.phone_messages.back().wording, "T @@password@@");
  EXPECT_EQ(get_string(t.mail.phone_messages.back().sender, "connection_id"), "con_s");
}

}  // namespace
}  // namespace gatehouse::connections
