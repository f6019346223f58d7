#include "attack_protection/attack_protection.h"

#include <gtest/gtest.h>

#include "attack_protection/settings.h"
#include "crypto/testing.h"
#include "storage/testing.h"

namespace gatehouse::attack_protection {
namespace {

using Verdict = AttackProtection::Verdict;

struct KeptMail final : messaging::Messenger {
  Result<void> queue_mail(storage::Transaction&, const messaging::Mail& mail) override {
    mails.push_back(mail);
    return {};
  }
  std::vector<messaging::Mail> mails;
};

class AttackProtectionTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    tenant_.id = TenantId("acme");
    tenant_.issuer = "https://login.example.com/";
    ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return tenants_.insert(tx, tenant_, clock_.now()); }));
  }
  void set(std::string_view name, const json::object& value) {
    ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return tenants_.put_document(tx, tenant_.id, name, value); }));
  }
  AttackProtection::CountedAttempt attempt(const std::string& who = "ada@example.com", const std::string& ip = "192.0.2.7", bool connection_protects = true) {
    return *protection_.begin(tenant_.id, connection_protects, who, ip);
  }
  Verdict begin(const std::string& who = "ada@example.com", const std::string& ip = "192.0.2.7") { return attempt(who, ip).verdict; }
  /// The right password.
  Verdict log_in(const std::string& who = "ada@example.com", const std::string& ip = "192.0.2.7") {
    const AttackProtection::CountedAttempt counted = attempt(who, ip);
    if (counted.verdict == Verdict::allowed)
      EXPECT_TRUE(db_->write([&](storage::Transaction& tx) { return protection_.succeeded(tx, counted); }));
    return counted.verdict;
  }
  bool fail(const std::string& who = "ada@example.com", const std::string& ip = "192.0.2.7") {
    return *protection_.failed(tenant_, who, UserId("auth0|1"), "ada@example.com", ip);
  }
  /// n wrong passwords, as fast as one user from one address may try.
  void guess(int n, const std::string& who = "ada@example.com", const std::string& ip = "192.0.2.7") {
    for (int i = 0; i < n; ++i) {
      ASSERT_EQ(begin(who, ip), Verdict::allowed) << i;
      fail(who, ip);
    }
  }
  std::vector<AttackProtection::Block> blocks() {
    return *db_->read([&](storage::Reader& reader) { return protection_.blocks(reader, tenant_.id, {"ada@example.com"}); });
  }
  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  model::Tenant tenant_;
  model::TenantStore tenants_{*db_};
  KeptMail mail_;
  crypto::FakeRandom random_;
  ManualClock clock_;
  AttackProtection protection_{*db_, tenants_, mail_, random_, clock_};
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, AttackProtectionTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(AttackProtectionTest, a_captcha_is_wanted_as_the_policy_says) {
  using Guarded = AttackProtection::Guarded;
  const auto wanted = [&](Guarded guarded, const std::string& who = "ada@example.com", const std::string& ip = "192.0.2.7") {
    return *protection_.wants_captcha(tenant_.id, guarded, who, ip);
  };
  EXPECT_FALSE(wanted(Guarded::password)) << "never, unless said";
  set(model::kBotDetectionDocument, {{"challenge_password_policy", "always"}, {"allowlist", json::array{"198.51.100.0/24"}}});
  EXPECT_TRUE(wanted(Guarded::password, ""));
  EXPECT_FALSE(wanted(Guarded::password_reset));
  EXPECT_FALSE(wanted(Guarded::password, "ada@example.com", "198.51.100.3"));
  set(model::kBotDetectionDocument, {{"challenge_password_policy", "when_risky"}, {"bot_detection_level", "high"}});
  EXPECT_FALSE(wanted(Guarded::password));
  guess(3);
  EXPECT_TRUE(wanted(Guarded::password));
  EXPECT_TRUE(wanted(Guarded::password, "", "192.0.2.7")) << "the address, whoever it is about";
  EXPECT_FALSE(wanted(Guarded::password, "ada@example.com", "192.0.2.99"));
  set(model::kBotDetectionDocument, {{"challenge_password_policy", "always"}, {"monitoring_mode_enabled", true}});
  EXPECT_FALSE(wanted(Guarded::password));
}

TEST_P(AttackProtectionTest, an_address_that_tried_too_much_is_blocked_until_somebody_unblocks_it) {
  set(kThrottlingDocument, {{"stage", {{"pre-login", {{"max_attempts", 2}, {"rate", 60000}}}}}});
  const auto blocked = [&](const std::string& ip) {
    return *db_->read([&](storage::Reader& reader) { return protection_.address_blocked(reader, tenant_.id, ip); });
  };
  EXPECT_FALSE(blocked("2001:db8::1"));
  guess(2, "ada@example.com", "2001:db8::1");
  EXPECT_TRUE(blocked("2001:db8::1"));
  EXPECT_TRUE(blocked("2001:db8::2")) << "the same network";
  EXPECT_FALSE(blocked("2001:db8:0:1::1"));
  EXPECT_TRUE(db_->write([&](storage::Transaction& tx) { return protection_.unblock_address(tx, tenant_.id, "2001:db8::1"); }));
  EXPECT_FALSE(blocked("2001:db8::1"));
  EXPECT_EQ(begin("ada@example.com", "2001:db8::1"), Verdict::allowed);
}

TEST_P(AttackProtectionTest, ten_failures_block_this_identifier_from_this_address_only) {
  guess(10);
  EXPECT_EQ(begin(), Verdict::too_many_attempts);
  EXPECT_EQ(begin("ada@example.com", "192.0.2.8"), Verdict::allowed);
  EXPECT_EQ(begin("bob@example.com"), Verdict::allowed);
  ASSERT_EQ(blocks().size(), 1u);
  EXPECT_EQ(blocks()[0].ip, "192.0.2.7");
}

TEST_P(AttackProtectionTest, a_success_clears_the_failures) {
  guess(9);
  ASSERT_EQ(log_in(), Verdict::allowed);
  clock_.advance(seconds(120));
  guess(10);
}

TEST_P(AttackProtectionTest, parallel_guesses_do_not_outrun_the_counter) {
  std::atomic<int> allowed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 5; ++k)
        if (begin() == Verdict::allowed) ++allowed;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(allowed, 10);
}

TEST_P(AttackProtectionTest, the_failure_that_blocks_mails_a_link_once) {
  guess(9);
  EXPECT_TRUE(mail_.mails.empty());
  ASSERT_EQ(begin(), Verdict::allowed);
  EXPECT_TRUE(fail());
  EXPECT_FALSE(fail());
  ASSERT_EQ(mail_.mails.size(), 1u);
  EXPECT_EQ(mail_.mails[0].template_name, "blocked_account");
  EXPECT_TRUE(std::string(mail_.mails[0].variables.at("url").as_string()).starts_with("https://login.example.com/u/unblock?ticket="));
}

TEST_P(AttackProtectionTest, a_block_ends_after_thirty_days_or_by_unblocking) {
  guess(10);
  clock_.advance(std::chrono::hours(24 * 30) - seconds(1));
  EXPECT_EQ(begin(), Verdict::too_many_attempts);
  clock_.advance(seconds(2));
  guess(10);
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return protection_.unblock(tx, tenant_.id, {"ada@example.com"}); }));
  EXPECT_TRUE(blocks().empty());
  clock_.advance(seconds(60));
  EXPECT_EQ(begin(), Verdict::allowed);
}

TEST_P(AttackProtectionTest, lockout_mode_counts_all_addresses_together) {
  set(kBruteForceDocument, {{"mode", "count_per_identifier"}, {"max_attempts", 3}});
  guess(2, "ada@example.com", "192.0.2.1");
  guess(1, "ada@example.com", "192.0.2.2");
  EXPECT_EQ(begin("ada@example.com", "192.0.2.3"), Verdict::too_many_attempts);
}

TEST_P(AttackProtectionTest, settings_are_honoured) {
  set(kBruteForceDocument, {{"max_attempts", 2}, {"allowlist", json::array{"198.51.100.0/24"}}});
  guess(2);
  EXPECT_EQ(begin(), Verdict::too_many_attempts);
  guess(5, "ada@example.com", "198.51.100.9");
  EXPECT_EQ(attempt("ada@example.com", "192.0.2.7", false).verdict, Verdict::allowed) << "a connection may switch it off";
  set(kBruteForceDocument, {{"max_attempts", 2}, {"shields", json::array{"user_notification"}}});
  EXPECT_EQ(begin(), Verdict::allowed) << "without the block shield it only watches";
  set(kBruteForceDocument, {{"enabled", false}});
  EXPECT_EQ(begin(), Verdict::allowed);
}

TEST_P(AttackProtectionTest, an_address_that_guesses_many_accounts_is_throttled) {
  for (int i = 0; i < 100; ++i) ASSERT_EQ(begin("user" + std::to_string(i), "203.0.113.5"), Verdict::allowed) << i;
  EXPECT_EQ(begin("next", "203.0.113.5"), Verdict::ip_throttled);
  EXPECT_EQ(begin("next", "203.0.113.6"), Verdict::allowed);
  clock_.advance(seconds(864));
  EXPECT_EQ(begin("next", "203.0.113.5"), Verdict::allowed) << "one more every 864 seconds";
  EXPECT_EQ(begin("other", "203.0.113.5"), Verdict::ip_throttled);
}

TEST_P(AttackProtectionTest, right_passwords_do_not_count_against_the_address) {
  for (int i = 0; i < 150; ++i) {
    ASSERT_EQ(log_in("user" + std::to_string(i), "203.0.113.5"), Verdict::allowed) << i;
  }
}

TEST_P(AttackProtectionTest, a_success_clears_a_lockout_that_counts_all_addresses_together) {
  set(kBruteForceDocument, {{"mode", "count_per_identifier"}, {"max_attempts", 3}});
  for (int i = 0; i < 4; ++i) {
    guess(2, "ada@example.com", "192.0.2." + std::to_string(i));
    ASSERT_EQ(log_in("ada@example.com", "198.51.100.1"), Verdict::allowed) << i;
  }
}

TEST_P(AttackProtectionTest, one_ipv6_host_is_its_whole_network) {
  set(kThrottlingDocument, {{"stage", {{"pre-login", {{"max_attempts", 2}, {"rate", 60000}}}}}});
  EXPECT_EQ(begin("a", "2001:db8::1"), Verdict::allowed);
  EXPECT_EQ(begin("b", "2001:db8::2"), Verdict::allowed);
  EXPECT_EQ(begin("c", "2001:db8::3"), Verdict::ip_throttled);
  EXPECT_EQ(begin("c", "2001:db8:0:1::3"), Verdict::allowed);
}

TEST_P(AttackProtectionTest, one_user_from_one_address_logs_in_twenty_times_then_ten_a_minute) {
  for (int i = 0; i < 20; ++i) ASSERT_EQ(log_in(), Verdict::allowed) << i;
  EXPECT_EQ(log_in(), Verdict::same_user_throttled);
  clock_.advance(seconds(60));
  for (int i = 0; i < 10; ++i) ASSERT_EQ(log_in(), Verdict::allowed) << i;
  EXPECT_EQ(log_in(), Verdict::same_user_throttled);
}

TEST_P(AttackProtectionTest, an_attempt_that_was_not_looked_at_is_forgotten) {
  set(kBruteForceDocument, {{"max_attempts", 1}});
  for (int i = 0; i < 30; ++i) {
    const AttackProtection::CountedAttempt counted = attempt();
    ASSERT_EQ(counted.verdict, Verdict::allowed) << i;
    ASSERT_TRUE(protection_.withdrawn(counted));
  }
}

TEST_P(AttackProtectionTest, sign_ups_and_password_changes_have_limits_of_their_own) {
  for (int i = 0; i < 50; ++i) ASSERT_EQ(*protection_.sign_up(tenant_.id, "192.0.2.7"), Verdict::allowed) << i;
  EXPECT_EQ(*protection_.sign_up(tenant_.id, "192.0.2.7"), Verdict::ip_throttled);
  EXPECT_EQ(begin(), Verdict::allowed);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(*protection_.password_change(tenant_.id, "ada@example.com", "192.0.2.7"), Verdict::allowed) << i;
  EXPECT_EQ(*protection_.password_change(tenant_.id, "ada@example.com", "192.0.2.7"), Verdict::too_many_attempts);
  clock_.advance(seconds(60));
  EXPECT_EQ(*protection_.password_change(tenant_.id, "ada@example.com", "192.0.2.7"), Verdict::allowed);
}

TEST_P(AttackProtectionTest, expired_rows_are_removed) {
  guess(1);
  clock_.advance(std::chrono::hours(24 * 31));
  const auto removed = db_->write([&](storage::Transaction& tx) -> Result<int64_t> {
    TRY(const int64_t failures, model::LoginFailureStore{}.remove_expired(tx, clock_.now(), 100));
    TRY(const int64_t buckets, model::RateBucketStore{}.remove_expired(tx, clock_.now(), 100));
    return failures + buckets;
  });
  EXPECT_EQ(*removed, 3);
}

}  // namespace
}  // namespace gatehouse::attack_protection
