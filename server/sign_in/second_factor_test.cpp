// What stands between a password and a session when the tenant asks for a second factor.
#include <gtest/gtest.h>

#include "mfa/otp.h"
#include "sign_in/testing.h"

namespace gatehouse::sign_in {
namespace {

namespace type = model::method_type;
constexpr const char* kPassword = "Correct-Horse-7";
constexpr const char* kAddress = "ada@example.com";

class SecondFactorTest : public ::testing::TestWithParam<std::string> {
 protected:
  SecondFactorTest() {
    t_.set_document("guardian/factors", {{"otp", true}});
    t_.set_document("guardian/policies", {{"policies", {"all-applications"}}});
    user_ = t_.add_user(kAddress, kPassword);
    tenant_ = t_.tenant();
  }
  mfa::Person person() { return {.tenant = *tenant_, .user = user_, .login = "tx", .event = t_.event(), .language = {}}; }
  Authenticated with_password() {
    attempt_ = t_.attempt(kAddress);
    auto who = t_.sign_in.with_password(attempt_, kPassword);
    EXPECT_TRUE(who);
    return std::move(*who);
  }
  /// Enrols an authenticator: the proof of its first code.
  mfa::Proof enrol() {
    const auto enrolment = t_.second_factors.begin_enrolment(person(), {.type = std::string(type::kTotp)});
    EXPECT_TRUE(enrolment);
    const std::string code = mfa::Otp::code(*mfa::Otp::from_base32(enrolment->secret.reveal()), mfa::Otp::step_of(t_.clock.now()));
    const auto verified = t_.second_factors.verify(person(), enrolment->method.id, {.code = code});
    EXPECT_TRUE(verified && verified->proof);
    return *verified->proof;
  }
  Result<json::object> suspend(const Authenticated& who) {
    return t_.db->write([&](storage::Transaction& tx) { return t_.sign_in.suspend(tx, who); });
  }
  std::optional<Authenticated> resumed(const json::object& suspended) {
    return *t_.db->read([&](storage::Reader& reader) { return t_.sign_in.resumed(reader, t_.id, suspended); });
  }
  TestDoor t_{GetParam()};
  Attempt attempt_;
  model::User user_;
  std::shared_ptr<const model::Tenant> tenant_;
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, SecondFactorTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(SecondFactorTest, a_password_alone_is_not_let_in_under_a_policy) {
  const Authenticated who = with_password();
  const auto refused = t_.sign_in.admit(attempt_, who);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, SignInErrc::mfa_required);
  EXPECT_EQ(refused.error().due, mfa::Due::enrol);
  const mfa::Proof proof = enrol();
  EXPECT_EQ(t_.sign_in.admit(attempt_, who).error().due, mfa::Due::challenge);
  const auto both = t_.sign_in.with_second_factor(attempt_, who, proof);
  ASSERT_TRUE(both);
  EXPECT_EQ(both->amr(), (std::vector<std::string>{"pwd", "mfa", "otp"}));
  EXPECT_TRUE(t_.sign_in.admit(attempt_, *both));
}

TEST_P(SecondFactorTest, the_factor_of_one_user_does_not_help_another) {
  const mfa::Proof proof = enrol();
  t_.add_user("bob@example.com", kPassword);
  const Attempt attempt = t_.attempt("bob@example.com");
  const auto bob = t_.sign_in.with_password(attempt, kPassword);
  ASSERT_TRUE(bob);
  const auto refused = t_.sign_in.with_second_factor(attempt, *bob, proof);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, SignInErrc::wrong_credentials);
}

TEST_P(SecondFactorTest, a_login_that_waits_is_resumed_as_what_it_was) {
  const auto suspended = suspend(with_password());
  ASSERT_TRUE(suspended);
  const auto who = resumed(*suspended);
  ASSERT_TRUE(who);
  EXPECT_EQ(who->user().id, user_.id);
  EXPECT_EQ(who->amr(), std::vector<std::string>{"pwd"});
  EXPECT_FALSE(t_.sign_in.admit(attempt_, *who)) << "still without a second factor";
}

TEST_P(SecondFactorTest, a_login_that_waits_ends_with_a_new_password_a_block_or_the_user) {
  const auto suspended = suspend(with_password());
  ASSERT_TRUE(suspended);
  user_.blocked = true;
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.users.replace(tx, user_, t_.clock.now()); }));
  EXPECT_FALSE(resumed(*suspended));
  user_.blocked = false;
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.users.replace(tx, user_, t_.clock.now()); }));
  EXPECT_TRUE(resumed(*suspended));
  t_.clock.advance(seconds(1));
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.users.set_password(tx, t_.id, user_.id, "another", 0, t_.clock.now()); }));
  EXPECT_FALSE(resumed(*suspended));
  ASSERT_TRUE(*t_.db->write([&](storage::Transaction& tx) { return t_.users.remove(tx, t_.id, user_.id); }));
  EXPECT_FALSE(resumed(*suspended));
}

TEST_P(SecondFactorTest, a_sign_up_that_waits_ends_with_a_new_password) {
  attempt_ = t_.attempt(kAddress);
  const auto who = t_.sign_in.after_sign_up(attempt_, user_);
  ASSERT_TRUE(who);
  const auto suspended = suspend(*who);
  ASSERT_TRUE(suspended && resumed(*suspended));
  t_.clock.advance(seconds(1));
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.users.set_password(tx, t_.id, user_.id, "the owner's", 0, t_.clock.now()); }));
  EXPECT_FALSE(resumed(*suspended)) << "the owner of the address has reset it meanwhile";
}

TEST_P(SecondFactorTest, a_step_up_that_waits_ends_with_its_session) {
  t_.set_document("guardian/policies", {{"policies", json::array()}});
  model::LoginTransaction transaction{.id = model::TransactionStore::digest("state"), .tenant = t_.id, .client = ClientId("shop"), .browser_digest = "x",
                                      .step = "login", .created_at = t_.clock.now(), .expires_at = t_.clock.now() + seconds(3600)};
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.transactions.insert(tx, transaction); }));
  const Authenticated who = with_password();
  const auto started = t_.sign_in.start_session(attempt_, *t_.sign_in.admit(attempt_, who), transaction, std::nullopt);
  ASSERT_TRUE(started);
  const auto stepping_up = *t_.db->read([&](storage::Reader& reader) { return t_.sign_in.of_session(reader, started->session); });
  ASSERT_TRUE(stepping_up);
  const auto suspended = suspend(*stepping_up);
  ASSERT_TRUE(suspended && resumed(*suspended));
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.sessions.remove_all(tx, t_.id, user_.id); }));
  EXPECT_FALSE(resumed(*suspended)) << "as after a change of the password: whoever holds the old cookie enrols nothing any more";
}

TEST_P(SecondFactorTest, an_adaptive_policy_knows_where_somebody_signed_in) {
  t_.set_document("guardian/policies", {{"policies", {"confidence-score"}}});
  const mfa::Proof proof = enrol();
  auto both = t_.sign_in.with_second_factor(attempt_ = t_.attempt(kAddress), with_password(), proof);
  ASSERT_TRUE(both);
  const auto admitted = t_.sign_in.admit(attempt_, *both);
  ASSERT_TRUE(admitted);
  ASSERT_TRUE(t_.db->write([&](storage::Transaction& tx) { return t_.sign_in.record_login(tx, attempt_, *admitted); }));
  EXPECT_TRUE(t_.sign_in.admit(attempt_, with_password())) << "the same browser at the same place";
  const Authenticated who = with_password();
  EXPECT_FALSE(t_.sign_in.admit(t_.attempt(kAddress, "198.51.100.1"), who));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(t_.sign_in.with_password(t_.attempt("nobody" + std::to_string(i) + "@example.com"), kPassword));
  EXPECT_FALSE(t_.sign_in.admit(attempt_, who)) << "somebody is guessing from there";
}

}  // namespace
}  // namespace gatehouse::sign_in
