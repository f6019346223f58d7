#include "mfa/mfa.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/encoding.h"
#include "mfa/otp.h"
#include "mfa/recovery_code.h"
#include "model/users/user_store.h"
#include "storage/testing.h"

namespace gatehouse::mfa {
namespace {

namespace type = model::method_type;

struct Sent final : messaging::Messenger {
  Result<void> queue_mail(storage::Transaction&, const messaging::Mail& mail) override {
    codes.emplace_back(mail.variables.at("code").as_string());
    to.push_back(mail.to);
    return {};
  }
  Result<void> queue_phone(storage::Transaction&, const messaging::PhoneMessage& message) override {
    codes.emplace_back(message.variables.at("code").as_string());
    to.push_back(message.to);
    voice = message.voice;
    kind = message.type;
    return {};
  }
  std::vector<std::string> codes, to;
  bool voice = false;
  std::string kind;
};

struct KeptEvents final : logs::EventLog {
  Result<void> write(storage::Transaction&, const logs::Event& event) override {
    enqueue(event);
    return {};
  }
  void enqueue(logs::Event event) override {
    const std::lock_guard lock(mutex);
    types.push_back(event.type);
  }
  [[nodiscard]] bool has(std::string_view t) const { return std::ranges::find(types, t) != types.end(); }
  std::vector<std::string> types;
  std::mutex mutex;
};

class MfaTest : public ::testing::TestWithParam<std::string> {
 protected:
  MfaTest() {
    tenant_.id = kTenant;
    tenant_.issuer = "https://login.example.com/";
    tenant_.host = "login.example.com";
    tenant_.settings = {{"friendly_name", "Acme & Sons"}};
    EXPECT_TRUE(db_->write([&](storage::Transaction& tx) { return tenants_.insert(tx, tenant_, clock_.now()); }));
    policies({"all-applications"});
    factors({"otp", "sms", "email", "recovery-code"});
    user_ = add_user("ada");
  }
  model::User add_user(const std::string& name) {
    model::User user;
    user.id = UserId("auth0|" + name);
    user.tenant = kTenant;
    user.email = name + "@example.com";
    user.identities.push_back({.connection = "db", .provider = "auth0", .user_id = name, .profile_data = {}});
    EXPECT_TRUE(db_->write([&](storage::Transaction& tx) { return users_.insert(tx, user, std::nullopt, clock_.now()); }));
    return user;
  }
  void put(std::string_view name, const json::object& document) {
    ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return tenants_.put_document(tx, kTenant, name, document); }));
  }
  void factors(const std::vector<std::string>& on) {
    json::object document;
    for (const std::string& name : on) document[name] = true;
    put("guardian/factors", document);
  }
  void policies(const std::vector<std::string>& list) { put("guardian/policies", {{"policies", json::array(list.begin(), list.end())}}); }

  Person person(const std::string& login = "login-1", bool proved = false) {
    return {.tenant = tenant_, .user = user_, .login = login, .event = {}, .language = {}, .proved = proved};
  }
  Question question() { return {.tenant = tenant_, .user = user_, .ip = "192.0.2.7", .user_agent = "Firefox"}; }
  Due due(const Question& q) { return *mfa_.due(q); }
  Due due() { return due(question()); }

  /// An enrolled TOTP factor; its raw secret.
  std::string enrol_otp(const std::string& login = "login-1", bool proved = false) {
    const auto enrolment = mfa_.begin_enrolment(person(login, proved), {.type = std::string(type::kTotp), .with_recovery_code = true});
    EXPECT_TRUE(enrolment);
    recovery_code_ = enrolment->recovery_code.reveal();
    std::string secret = *Otp::from_base32(enrolment->secret.reveal());
    const auto verified = mfa_.verify(person(login, proved), enrolment->method.id, {.code = code(secret)});
    EXPECT_TRUE(verified && verified->right() && verified->confirmed_enrolment);
    clock_.advance(seconds(60));  // its step is used
    return secret;
  }
  std::string code(const std::string& secret, int64_t offset = 0) { return Otp::code(secret, Otp::step_of(clock_.now()) + offset); }
  Outcome otp(const std::string& code, const std::string& login = "login-2") {
    const auto judged = mfa_.verify_any(person(login), type::kTotp, {.code = code});
    EXPECT_TRUE(judged);
    return judged->outcome;
  }

  const TenantId kTenant{"acme"};
  ManualClock clock_;
  crypto::SystemRandom random_;
  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  crypto::Sealer sealer_{*crypto::MasterKeys::parse("k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), random_};
  model::TenantStore tenants_{*db_};
  model::UserStore users_{*db_};
  Sent sent_;
  KeptEvents events_;
  Mfa mfa_{{*db_, tenants_, sent_, sealer_, random_, clock_, events_}};
  model::Tenant tenant_;
  model::User user_;
  std::string recovery_code_;
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, MfaTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

// RFC 6238, appendix B, cut to six digits
TEST(Otp, makes_the_codes_of_the_standard) {
  const std::string secret = "12345678901234567890";
  EXPECT_EQ(Otp::code(secret, 59 / 30), "287082");
  EXPECT_EQ(Otp::code(secret, 1111111109 / 30), "081804");
  EXPECT_EQ(Otp::code(secret, 20000000000 / 30), "353130");
}

// RFC 4648, section 10
TEST(Otp, writes_secrets_in_base32) {
  EXPECT_EQ(Otp::base32("foobar"), "MZXW6YTBOI");
  EXPECT_EQ(Otp::base32("fooba"), "MZXW6YTB");
  EXPECT_EQ(Otp::base32("f"), "MY");
  EXPECT_EQ(Otp::from_base32("mzxw 6ytb oi"), "foobar");
  EXPECT_EQ(Otp::from_base32("MZXW0"), std::nullopt);
}

TEST_P(MfaTest, the_policy_decides_who_is_asked) {
  EXPECT_EQ(due(), Due::enrol);
  policies({});
  EXPECT_EQ(due(), Due::none);
  Question step_up = question();
  step_up.step_up = true;
  EXPECT_EQ(due(step_up), Due::enrol);
  enrol_otp();
  EXPECT_EQ(due(), Due::none);
  EXPECT_EQ(due(step_up), Due::challenge);
  policies({"all-applications"});
  EXPECT_EQ(due(), Due::challenge);
  factors({});
  EXPECT_EQ(due(), Due::none) << "there is nothing to ask for";
}

TEST_P(MfaTest, what_wants_a_factor_of_those_who_have_one_asks_nobody_else) {
  policies({});
  Question q = question();
  q.step_up_if_enrolled = true;
  EXPECT_EQ(due(q), Due::none);
  enrol_otp();
  EXPECT_EQ(due(q), Due::challenge);
}

TEST_P(MfaTest, an_adaptive_policy_asks_at_new_devices_and_networks_only) {
  policies({"confidence-score"});
  enrol_otp();
  EXPECT_TRUE(*mfa_.notes_logins(kTenant));
  EXPECT_EQ(due(), Due::challenge);
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return mfa_.note_login(tx, kTenant, user_.id, "Firefox", "192.0.2.7"); }));
  EXPECT_EQ(due(), Due::none);
  Question q = question();
  q.ip = "192.0.2.99";
  EXPECT_EQ(due(q), Due::none) << "the same network";
  q.ip = "198.51.100.7";
  EXPECT_EQ(due(q), Due::challenge);
  q.ip = "192.0.2.7";
  q.user_agent = "another browser";
  EXPECT_EQ(due(q), Due::challenge);
  q.has_session = true;
  EXPECT_EQ(due(q), Due::none) << "was judged when the session began";
}

TEST_P(MfaTest, a_verified_mailbox_is_asked_where_nothing_better_can_be_enrolled) {
  user_.email_verified = true;
  EXPECT_EQ(due(), Due::enrol);
  factors({"email"});
  EXPECT_EQ(due(), Due::challenge);
  const auto available = *mfa_.available(tenant_, user_);
  ASSERT_EQ(available.methods.size(), 1u);
  EXPECT_FALSE(available.enrolled);
  const auto challenge = *mfa_.challenge(person(), available.methods[0].id);
  EXPECT_EQ(challenge.channel, "email");
  EXPECT_EQ(sent_.to.back(), "ada@example.com");
  EXPECT_TRUE(mfa_.verify(person(), available.methods[0].id, {.code = sent_.codes.back()})->right());
  user_.email_verified = false;
  EXPECT_EQ(due(), Due::enrol);
}

TEST_P(MfaTest, a_totp_secret_is_shown_while_it_is_enrolled_and_never_again) {
  const auto enrolment = mfa_.begin_enrolment(person(), {.type = std::string(type::kTotp)});
  ASSERT_TRUE(enrolment);
  const std::string secret(enrolment->secret.reveal());
  EXPECT_EQ(secret.size(), 32u);
  EXPECT_EQ(enrolment->otpauth_uri, "otpauth://totp/Acme%20%26%20Sons:ada%40example.com?secret=" + secret + "&issuer=Acme%20%26%20Sons&algorithm=SHA1&digits=6&period=30");
  EXPECT_TRUE(enrolment->qr_svg.starts_with("<svg "));
  EXPECT_EQ(enrolment->method.secret->find(secret), std::string::npos);
  const auto again = *mfa_.enrolment(person(), enrolment->method.id);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->secret.reveal(), secret);
  EXPECT_EQ(again->qr_svg, enrolment->qr_svg);
  ASSERT_TRUE(mfa_.verify(person(), enrolment->method.id, {.code = code(*Otp::from_base32(secret))})->right());
  EXPECT_FALSE(*mfa_.enrolment(person(), enrolment->method.id));
}

TEST_P(MfaTest, a_code_works_a_step_early_or_late_and_each_step_once) {
  const std::string secret = enrol_otp();
  EXPECT_EQ(otp(code(secret, -2)), Outcome::wrong);
  EXPECT_EQ(otp(code(secret, 2)), Outcome::wrong);
  EXPECT_EQ(otp(code(secret, -1)), Outcome::right);
  EXPECT_EQ(otp(code(secret, -1)), Outcome::wrong) << "replayed";
  EXPECT_EQ(otp(code(secret, 1)), Outcome::right);
  EXPECT_EQ(otp(code(secret, 0)), Outcome::wrong) << "older than one that was used";
  EXPECT_EQ(otp(""), Outcome::wrong);
  EXPECT_EQ(otp("12345"), Outcome::wrong);
  clock_.advance(seconds(90));
  const std::string typed = code(secret);
  EXPECT_EQ(otp(typed.substr(0, 3) + " " + typed.substr(3)), Outcome::right);
  EXPECT_TRUE(events_.has("gd_enrollment_complete"));
  EXPECT_TRUE(events_.has("gd_auth_succeed"));
  EXPECT_TRUE(events_.has("gd_auth_failed"));
}

TEST_P(MfaTest, of_many_who_use_one_code_at_a_time_one_gets_in) {
  const std::string secret = enrol_otp(), typed = code(secret);
  std::atomic<int> winners{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      if (mfa_.verify_any(person("login-" + std::to_string(i)), type::kTotp, {.code = typed})->right()) ++winners;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(winners, 1);
}

TEST_P(MfaTest, ten_wrong_answers_lock_the_user_for_a_while_in_whatever_logins_they_were_given) {
  const std::string secret = enrol_otp();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(otp("00000" + std::to_string(i), "login-" + std::to_string(i)), Outcome::wrong);
  EXPECT_EQ(otp(code(secret), "another"), Outcome::too_many) << "even the right one";
  EXPECT_EQ(mfa_.verify_any(person("x"), type::kRecoveryCode, {.code = recovery_code_})->outcome, Outcome::too_many) << "one counter for all factors";
  EXPECT_TRUE(events_.has("gd_otp_rate_limit_exceed"));
  clock_.advance(std::chrono::minutes(6));
  EXPECT_EQ(otp(code(secret)), Outcome::right);
  const model::User other = add_user("bob");
  EXPECT_EQ(mfa_.verify_any({.tenant = tenant_, .user = other, .login = "b", .event = {}, .language = {}}, type::kTotp, {.code = "1"})->outcome, Outcome::wrong);
}

TEST_P(MfaTest, right_answers_cost_nothing) {
  const std::string secret = enrol_otp();
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(otp(code(secret)), Outcome::right);
    clock_.advance(seconds(30));
  }
}

TEST_P(MfaTest, whoever_has_a_factor_shows_it_before_enrolling_another) {
  // Begun with the password alone, before the owner enrolled one …
  const auto early = mfa_.begin_enrolment(person("thief"), {.type = std::string(type::kTotp)});
  ASSERT_TRUE(early);
  enrol_otp("owner");
  // … it is worth nothing afterwards, and neither is beginning now.
  EXPECT_EQ(mfa_.verify(person("thief"), early->method.id, {.code = code(*Otp::from_base32(early->secret.reveal()))})->outcome, Outcome::forbidden);
  const auto refused = mfa_.begin_enrolment(person("thief"), {.type = std::string(type::kPhone), .phone_number = "+15550100"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unique_violation);
  EXPECT_TRUE(mfa_.begin_enrolment(person("owner", true), {.type = std::string(type::kPhone), .phone_number = "+15550100"}));
}

TEST_P(MfaTest, a_text_message_confirms_a_phone_and_its_code_works_once_in_its_login) {
  const auto enrolment = mfa_.begin_enrolment(person(), {.type = std::string(type::kPhone), .phone_number = "+1 (555) 010-0199"});
  ASSERT_TRUE(enrolment);
  EXPECT_EQ(sent_.to.back(), "+15550100199");
  EXPECT_EQ(sent_.kind, "otp_enroll");
  EXPECT_FALSE(mfa_.begin_enrolment(person(), {.type = std::string(type::kPhone), .phone_number = "12"}));
  const std::string id = enrolment->method.id;
  EXPECT_TRUE(mfa_.verify(person(), id, {.code = " " + sent_.codes.back() + " "})->right());
  ASSERT_TRUE(mfa_.challenge(person("login-2"), id));
  EXPECT_EQ(sent_.kind, "otp_verify");
  const std::string code = sent_.codes.back();
  EXPECT_FALSE(mfa_.verify(person("login-3"), id, {.code = code})->right()) << "of another login";
  EXPECT_TRUE(mfa_.verify(person("login-2"), id, {.code = code})->right());
  EXPECT_FALSE(mfa_.verify(person("login-2"), id, {.code = code})->right());
  EXPECT_TRUE(events_.has("gd_send_sms"));
  ASSERT_TRUE(mfa_.challenge(person("login-2"), id));
  clock_.advance(seconds(300));
  EXPECT_EQ(mfa_.verify(person("login-2"), id, {.code = sent_.codes.back()})->outcome, Outcome::expired);
}

TEST_P(MfaTest, calls_are_made_where_the_tenant_has_them_on) {
  const auto enrolment = mfa_.begin_enrolment(person(), {.type = std::string(type::kPhone), .phone_number = "+15550100", .voice = true});
  ASSERT_TRUE(enrolment);
  EXPECT_FALSE(sent_.voice);
  put("guardian/phone_message_types", {{"message_types", json::array{"sms", "voice"}}});
  EXPECT_EQ(mfa_.challenge(person(), enrolment->method.id, true)->channel, "voice");
  EXPECT_TRUE(sent_.voice);
  EXPECT_TRUE(events_.has("gd_send_voice"));
}

TEST_P(MfaTest, messages_to_one_phone_are_bounded) {
  const auto enrolment = mfa_.begin_enrolment(person(), {.type = std::string(type::kPhone), .phone_number = "+15550100"});
  ASSERT_TRUE(enrolment);
  for (int i = 1; i < 10; ++i) EXPECT_FALSE(mfa_.challenge(person("login-" + std::to_string(i)), enrolment->method.id)->sent_too_many);
  EXPECT_TRUE(mfa_.challenge(person("one more"), enrolment->method.id)->sent_too_many);
  EXPECT_EQ(sent_.codes.size(), 10u);
}

TEST_P(MfaTest, whoever_knows_a_password_cannot_have_messages_sent_to_everybody) {
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(mfa_.begin_enrolment(person(), {.type = std::string(type::kPhone), .phone_number = "+1555010" + std::to_string(i)}));
  const auto refused = mfa_.begin_enrolment(person(), {.type = std::string(type::kPhone), .phone_number = "+15550199"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::overloaded);
  EXPECT_EQ(sent_.codes.size(), 10u);
}

TEST_P(MfaTest, a_recovery_code_counts_once_its_factor_does_and_is_replaced_when_used) {
  enrol_otp();
  ASSERT_EQ(recovery_code_.size(), 24u);
  const auto use = [&](const std::string& code) { return *mfa_.verify_any(person("login-2"), type::kRecoveryCode, {.code = code}); };
  EXPECT_FALSE(use("WRONG").right());
  const auto used = use(to_lower_ascii(recovery_code_.substr(0, 12)) + " " + recovery_code_.substr(12));
  ASSERT_TRUE(used.right());
  EXPECT_EQ(used.proof->type(), type::kRecoveryCode);
  EXPECT_FALSE(use(recovery_code_).right());
  const std::string next(used.new_recovery_code.reveal());
  EXPECT_EQ(next.size(), 24u);
  const auto replaced = mfa_.replace_recovery_code(person());
  ASSERT_TRUE(replaced);
  EXPECT_FALSE(use(next).right());
  EXPECT_TRUE(use(std::string(replaced->reveal())).right());
}

TEST_P(MfaTest, a_recovery_code_whose_factor_was_never_confirmed_is_worth_nothing) {
  const auto enrolment = mfa_.begin_enrolment(person(), {.type = std::string(type::kTotp), .with_recovery_code = true});
  ASSERT_TRUE(enrolment);
  EXPECT_FALSE(mfa_.verify_any(person(), type::kRecoveryCode, {.code = std::string(enrolment->recovery_code.reveal())})->right());
}

TEST_P(MfaTest, a_recovery_code_shown_in_another_login_never_counts) {
  // Whoever has the password is shown one before the owner enrols.
  const auto planted = mfa_.begin_enrolment(person("thief"), {.type = std::string(type::kTotp), .with_recovery_code = true});
  ASSERT_TRUE(planted);
  const auto own = mfa_.begin_enrolment(person("owner"), {.type = std::string(type::kTotp)});
  ASSERT_TRUE(own);
  ASSERT_TRUE(mfa_.verify(person("owner"), own->method.id, {.code = code(*Otp::from_base32(own->secret.reveal()))})->right());
  EXPECT_FALSE(mfa_.verify_any(person("thief"), type::kRecoveryCode, {.code = std::string(planted->recovery_code.reveal())})->right());
  EXPECT_TRUE(*mfa_.recovery_code_due(tenant_, user_.id)) << "the owner is shown one of their own";
}

TEST_P(MfaTest, another_login_does_not_void_the_recovery_code_that_was_shown) {
  const auto own = mfa_.begin_enrolment(person("owner"), {.type = std::string(type::kTotp), .with_recovery_code = true});
  ASSERT_TRUE(own);
  ASSERT_TRUE(mfa_.begin_enrolment(person("thief"), {.type = std::string(type::kTotp), .with_recovery_code = true}));
  ASSERT_TRUE(mfa_.verify(person("owner"), own->method.id, {.code = code(*Otp::from_base32(own->secret.reveal()))})->right());
  EXPECT_TRUE(mfa_.verify_any(person("x"), type::kRecoveryCode, {.code = std::string(own->recovery_code.reveal())})->right());
}

TEST_P(MfaTest, a_remembered_browser_is_not_asked_until_the_factors_go) {
  const std::string secret = enrol_otp();
  const auto shown = *mfa_.verify_any(person(), type::kTotp, {.code = code(secret)});
  ASSERT_TRUE(shown.right());
  const auto cookie = mfa_.remember_browser(person(), *shown.proof);
  ASSERT_TRUE(cookie);
  Question q = question();
  q.remembered_browser = cookie->reveal();
  EXPECT_EQ(due(q), Due::none);
  q.step_up = true;
  EXPECT_EQ(due(q), Due::challenge);
  q.step_up = false;
  const model::User other = add_user("bob");
  Question of_other{.tenant = tenant_, .user = other, .remembered_browser = q.remembered_browser};
  EXPECT_EQ(due(of_other), Due::enrol);
  clock_.advance(std::chrono::hours(30 * 24));
  EXPECT_EQ(due(q), Due::challenge);
  clock_.advance(-std::chrono::hours(24));
  EXPECT_EQ(due(q), Due::none);
  EXPECT_EQ(*db_->write([&](storage::Transaction& tx) { return mfa_.reset(tx, person()); }), 2);
  EXPECT_EQ(due(q), Due::enrol);
  EXPECT_TRUE(events_.has("gd_unenroll"));
}

TEST_P(MfaTest, the_last_factor_takes_the_recovery_code_along) {
  enrol_otp();
  const auto available = *mfa_.available(tenant_, user_);
  ASSERT_EQ(available.methods.size(), 2u);
  EXPECT_EQ(available.methods.back().type, type::kRecoveryCode);
  EXPECT_TRUE(*db_->write([&](storage::Transaction& tx) { return mfa_.remove(tx, person(), available.of_type(type::kTotp)->id); }));
  EXPECT_TRUE(mfa_.available(tenant_, user_)->methods.empty());
}

}  // namespace
}  // namespace gatehouse::mfa
