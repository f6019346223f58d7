#include "connections/database/password_policy.h"

#include <gtest/gtest.h>

#include "crypto/testing.h"

namespace gatehouse::connections {
namespace {

model::Connection with(json::object options) {
  model::Connection connection;
  connection.options = std::move(options);
  return connection;
}

model::User ada() {
  model::User user;
  user.email = "ada.lovelace@example.com";
  user.attributes = {{"name", "Ada Lovelace"}, {"nickname", "countess"}};
  user.user_metadata = {{"first", "Augusta"}};
  return user;
}

std::optional<DatabaseErrc> verdict(const json::object& options, std::string_view password) {
  const auto result = PasswordPolicy::of(with(options)).check(password, ada());
  return result ? std::nullopt : std::optional(result.error().code);
}

constexpr auto kFine = std::nullopt;

struct Case {
  const char* sentence;
  const char* level;
  const char* password;
  std::optional<DatabaseErrc> expected;
};
class Levels : public ::testing::TestWithParam<Case> {};
TEST_P(Levels, mean_what_they_mean_on_auth0) { EXPECT_EQ(verdict({{"passwordPolicy", GetParam().level}}, GetParam().password), GetParam().expected); }
INSTANTIATE_TEST_SUITE_P(PasswordPolicy, Levels, ::testing::Values(
    Case{"none_takes_one_letter", "none", "a", kFine},
    Case{"none_refuses_nothing_at_all", "none", "", DatabaseErrc::password_too_short},
    Case{"low_takes_six_letters", "low", "abcdef", kFine},
    Case{"low_refuses_five", "low", "abcde", DatabaseErrc::password_too_short},
    Case{"fair_takes_three_kinds", "fair", "abcdEF12", kFine},
    Case{"fair_refuses_without_digit", "fair", "abcdEFgh", DatabaseErrc::password_not_strong_enough},
    Case{"fair_does_not_count_signs", "fair", "abcdef1!", DatabaseErrc::password_not_strong_enough},
    Case{"good_takes_three_of_four", "good", "abcdef1!", kFine},
    Case{"good_refuses_two_of_four", "good", "abcdefg1", DatabaseErrc::password_not_strong_enough},
    Case{"good_refuses_seven", "good", "abcdE1!", DatabaseErrc::password_too_short},
    Case{"excellent_takes_ten", "excellent", "abcdEFgh12", kFine},
    Case{"excellent_refuses_nine", "excellent", "abcdEFg12", DatabaseErrc::password_too_short},
    Case{"excellent_refuses_three_alike", "excellent", "abcdEFgh111", DatabaseErrc::password_not_strong_enough}),
    [](const auto& info) { return std::string(info.param.sentence); });

TEST(PasswordPolicy, the_dictionary_holds_what_the_user_is_called_by) {
  const json::object options{{"passwordPolicy", "low"}, {"password_dictionary", {{"enable", true}}}};
  EXPECT_EQ(verdict(options, "lovelace7"), DatabaseErrc::password_too_common);
  EXPECT_EQ(verdict(options, "C0untess"), DatabaseErrc::password_too_common);
  EXPECT_EQ(verdict(options, "lovelace-keeps-nine-geese"), kFine);
  EXPECT_EQ(verdict({{"passwordPolicy", "low"}}, "lovelace7"), kFine);
}

TEST(PasswordPolicy, good_is_the_default) { EXPECT_EQ(verdict({}, "abcdefg1"), DatabaseErrc::password_not_strong_enough); }

TEST(PasswordPolicy, a_minimum_length_of_the_connection_goes_over_that_of_the_level) {
  const json::object options{{"passwordPolicy", "low"}, {"password_complexity_options", {{"min_length", 12}}}};
  EXPECT_EQ(verdict(options, "abcdefghijk"), DatabaseErrc::password_too_short);
  EXPECT_EQ(verdict(options, "abcdefghijkl"), kFine);
}

TEST(PasswordPolicy, length_counts_characters_not_bytes) {
  EXPECT_EQ(verdict({{"passwordPolicy", "low"}}, "äöüßé"), DatabaseErrc::password_too_short);
  EXPECT_EQ(verdict({{"passwordPolicy", "low"}}, "äöüßéè"), kFine);
  std::string longest;
  for (int i = 0; i < 256; ++i) longest += "ä";
  EXPECT_EQ(verdict({{"passwordPolicy", "low"}}, longest), kFine);
  EXPECT_EQ(verdict({{"passwordPolicy", "low"}}, longest + "x"), DatabaseErrc::password_too_long);
}

TEST(PasswordPolicy, common_passwords_are_refused_whatever_their_case) {
  const json::object options{{"passwordPolicy", "none"}, {"password_dictionary", {{"enable", true}, {"dictionary", json::array{"AcmeRocks"}}}}};
  for (const char* password : {"password", "PassWord", "letmein", "qwerty", "dragon", "acmerocks"}) EXPECT_EQ(verdict(options, password), DatabaseErrc::password_too_common) << password;
  for (const char* password : {"correct horse battery", "acmerocks!", "zx81-spectrum-48k"}) EXPECT_EQ(verdict(options, password), kFine) << password;
  EXPECT_EQ(verdict({{"passwordPolicy", "none"}}, "password"), kFine);
}

TEST(PasswordPolicy, whatever_bytes_are_typed_it_ends_in_an_answer) {
  crypto::FakeRandom random;
  const auto policy = PasswordPolicy::of(with({{"passwordPolicy", "excellent"}, {"password_dictionary", {{"enable", true}}}, {"password_no_personal_info", {{"enable", true}}}}));
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = random.bytes(size_t(i % 300));
    (void)policy.check(bytes, ada());
    (void)policy.explain(bytes);
    for (char& c : bytes) c = char(0x20 + (uint8_t(c) % 0x5f));
    (void)policy.check(bytes, ada());
  }
}

TEST(PasswordPolicy, personal_data_may_not_stand_in_a_password) {
  const json::object options{{"passwordPolicy", "none"}, {"password_no_personal_info", {{"enable", true}}}};
  for (const char* password : {"xAda.Lovelace1", "ada lovelace!", "my-countess", "AUGUSTA99"})
    EXPECT_EQ(verdict(options, password), DatabaseErrc::password_contains_user_data) << password;
  EXPECT_EQ(verdict(options, "analytical engine"), kFine);
}

TEST(PasswordPolicy, the_flexible_policy_replaces_the_level) {
  const json::object options{{"password_options",
                              {{"complexity", {{"min_length", 4}, {"character_types", json::array{"number"}}, {"sequential_characters", "block"}}},
                               {"dictionary", {{"active", true}, {"custom", json::array{"1x1x"}}}},
                               {"profile_data", {{"active", true}, {"blocked_fields", json::array{"nickname"}}}},
                               {"history", {{"active", true}, {"size", 7}}}}}};
  EXPECT_EQ(verdict(options, "wxyq"), DatabaseErrc::password_not_strong_enough);
  EXPECT_EQ(verdict(options, "q123"), DatabaseErrc::password_not_strong_enough);
  EXPECT_EQ(verdict(options, "1X1x"), DatabaseErrc::password_too_common);
  EXPECT_EQ(verdict(options, "countess1"), DatabaseErrc::password_contains_user_data);
  EXPECT_EQ(verdict(options, "Ada Lovelace 9"), kFine);
  EXPECT_EQ(PasswordPolicy::of(with(options)).history, 7u);
}

TEST(PasswordPolicy, history_is_bounded) {
  EXPECT_EQ(PasswordPolicy::of(with({})).history, 0u);
  EXPECT_EQ(PasswordPolicy::of(with({{"password_history", {{"enable", true}}}})).history, 5u);
  EXPECT_EQ(PasswordPolicy::of(with({{"password_history", {{"enable", true}, {"size", 99}}}})).history, 24u);
}

TEST(PasswordPolicy, explains_itself_as_auth0s_clients_expect) {
  const auto policy = PasswordPolicy::of(with({{"passwordPolicy", "good"}}));
  EXPECT_EQ(policy.text(), "* At least 8 characters in length\n* Contain at least 3 of the following 4 types of characters:\n * lower case letters (a-z)\n"
                           " * upper case letters (A-Z)\n * numbers (i.e. 0-9)\n * special characters (e.g. !@#$%^&*)");
  const auto refused = policy.check("abc", ada());
  ASSERT_FALSE(refused);
  const json::object& description = refused.error().details.at("description").as_object();
  EXPECT_EQ(description.at("verified"), json::value(false));
  EXPECT_EQ(json::serialize(description.at("rules").at(0)),
            R"({"message":"At least %d characters in length","format":[8],"code":"lengthAtLeast","verified":false})");
}

}  // namespace
}  // namespace gatehouse::connections
