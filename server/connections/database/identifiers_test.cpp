#include "connections/database/identifiers.h"

#include <gtest/gtest.h>

namespace gatehouse::connections {
namespace {

IdentifierRules rules_of(json::object options) {
  model::Connection connection;
  connection.strategy = "auth0";
  connection.options = std::move(options);
  return IdentifierRules::of(connection);
}

TEST(Phones, are_taken_as_people_write_them_with_their_country_code) {
  for (const char* typed : {"+442079460000", "+44 20 7946 0000", " +44 (20) 7946-0000 ", "0044 20 7946 0000", "+44/20.7946.0000"})
    EXPECT_EQ(tidy_phone(typed), "+442079460000") << typed;
  for (const char* typed : {"020 7946 0000", "+0442079460000", "+44 20 7946 0000 ext 5", "", "+", "ada@example.com", "+4420794600001234"})
    EXPECT_FALSE(tidy_phone(typed)) << typed;
}

TEST(IdentifierRules, are_the_address_alone_unless_a_connection_says_otherwise) {
  const IdentifierRules rules = rules_of({});
  EXPECT_TRUE(rules.email.identifies && rules.email.required);
  EXPECT_FALSE(rules.username.asked || rules.phone_number.asked);
}

TEST(IdentifierRules, read_requires_username_and_its_limits) {
  const IdentifierRules rules = rules_of({{"requires_username", true}, {"validation", {{"username", {{"min", 4}, {"max", 9}}}}}});
  EXPECT_TRUE(rules.username.identifies && rules.username.required);
  EXPECT_EQ(rules.username_min, 4u);
  EXPECT_EQ(rules.username_max, 9u);
}

TEST(IdentifierRules, read_flexible_identifiers) {
  const IdentifierRules rules =
      rules_of({{"attributes",
                 {{"email", {{"identifier", {{"active", false}}}, {"profile_required", true}, {"signup", {{"status", "inactive"}}}}},
                  {"phone_number", {{"identifier", {{"active", true}}}}},
                  {"username", {{"identifier", {{"active", true}}}, {"signup", {{"status", "optional"}}}, {"validation", {{"allowed_types", {{"email", true}}}}}}}}}});
  EXPECT_FALSE(rules.email.identifies);
  EXPECT_TRUE(rules.email.required) << "a profile needs it";
  EXPECT_TRUE(rules.phone_number.identifies && rules.phone_number.required) << "what identifies is required unless its status says otherwise";
  EXPECT_TRUE(rules.username.asked);
  EXPECT_FALSE(rules.username.required);
  EXPECT_TRUE(rules.username_may_be_email);
  EXPECT_FALSE(rules.username_may_be_phone);
}

TEST(IdentifierRules, have_an_order_in_which_all_are) {
  EXPECT_EQ(rules_of({}).precedence, (std::vector<std::string>{"email", "phone_number", "username"}));
  EXPECT_EQ(rules_of({{"precedence", json::array{"username"}}}).precedence, (std::vector<std::string>{"username", "email", "phone_number"}));
}

TEST(AccountMeant, is_the_one_that_is_called_so) {
  model::User user;
  user.email = "ada@example.com";
  user.identities = {{"Users", "auth0", "1", false, {}}, {"Users", "auth0", "2", false, {{"email", "Bea@example.com"}, {"username", "bea"}}}, {"hub", "github", "3", true, {{"email", "cat@example.com"}}}};
  EXPECT_EQ(account_meant(user, "Users", "ada@example.com").user_id, "1");
  EXPECT_EQ(account_meant(user, "Users", "BEA@example.com").user_id, "2");
  EXPECT_EQ(account_meant(user, "Users", "Bea").user_id, "2");
  EXPECT_EQ(account_meant(user, "hub", "cat@example.com").user_id, "1") << "nobody is found at a provider by an address";
}

}  // namespace
}  // namespace gatehouse::connections
