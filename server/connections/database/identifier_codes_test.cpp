#include "connections/database/identifier_codes.h"

#include <gtest/gtest.h>

#include "connections/testing.h"

namespace gatehouse::connections {
namespace {

using Outcome = model::RedeemedCode::Outcome;

class IdentifierCodesTest : public ::testing::TestWithParam<std::string> {
 protected:
  bool send(const model::User& user, ProvedIdentifier identifier = ProvedIdentifier::email) {
    const auto tenant = t.tenant();
    const auto client = t.client();
    return must(t.identifier_codes.send({.tenant = *tenant, .client = client.get(), .user = user, .identifier = identifier, .event = t.event()}));
  }
  Outcome verify(const model::User& user, const std::string& code, ProvedIdentifier identifier = ProvedIdentifier::email) {
    const auto tenant = t.tenant();
    return must(t.identifier_codes.verify(*tenant, user.id, identifier, code, t.event()));
  }
  std::string mailed() const { return std::string(*get_string(t.mail.mails.back().variables, "code")); }
  TestTenant t{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, IdentifierCodesTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(IdentifierCodesTest, what_has_to_be_proved_is_what_the_connection_verifies_at_sign_up) {
  const model::User user = t.add_user("ada@example.com", "secret");
  EXPECT_FALSE(identifier_to_prove(*t.connection(), user));
  const auto options = [](std::string_view method, bool active) {
    return json::object{{"attributes", {{"email", {{"verification_method", method}, {"signup", {{"status", "required"}, {"verification", {{"active", active}}}}}}}}}};
  };
  t.set_options(options("link", true));
  EXPECT_FALSE(identifier_to_prove(*t.connection(), user));
  t.set_options(options("otp", false));
  EXPECT_FALSE(identifier_to_prove(*t.connection(), user));
  t.set_options(options("otp", true));
  EXPECT_EQ(identifier_to_prove(*t.connection(), user), ProvedIdentifier::email);
}

TEST_P(IdentifierCodesTest, a_right_code_marks_the_address_as_verified_once) {
  const model::User user = t.add_user("ada@example.com", "secret");
  ASSERT_TRUE(send(user));
  EXPECT_EQ(t.mail.mails.back().template_name, "verify_email_by_code");
  EXPECT_EQ(verify(user, "x"), Outcome::wrong);
  EXPECT_EQ(verify(user, mailed(), ProvedIdentifier::phone_number), Outcome::none);
  EXPECT_EQ(verify(user, mailed()), Outcome::right);
  EXPECT_TRUE(t.user(user.id).email_verified);
  EXPECT_EQ(verify(user, mailed()), Outcome::none);
  EXPECT_EQ(t.log.types(), (std::vector<std::string>{"cls", "fv", "fv", "sv", "fv"}));
}

TEST_P(IdentifierCodesTest, a_code_does_not_prove_an_address_that_came_after_it) {
  model::User user = t.add_user("ada@example.com", "secret");
  ASSERT_TRUE(send(user));
  user.email = "eve@example.com";
  must(t.db->write([&](storage::Transaction& tx) { return t.users.replace(tx, user, t.clock.now()); }));
  EXPECT_EQ(verify(user, mailed()), Outcome::none);
  EXPECT_FALSE(t.user(user.id).email_verified);
}

}  // namespace
}  // namespace gatehouse::connections
