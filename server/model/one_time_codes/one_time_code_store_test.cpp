#include "model/one_time_codes/one_time_code_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "storage/testing.h"

namespace gatehouse::model {
namespace {

const TenantId kTenant("acme");
const Timestamp kNow = from_micros(1'800'000'000'000'000);
using Outcome = RedeemedCode::Outcome;

class OneTimeCodeStoreTest : public ::testing::TestWithParam<std::string> {
 protected:
  bool issue(const std::string& code, const std::string& subject = "ada", const std::string& purpose = "mfa", Timestamp now = kNow,
             const std::string& recipient = "") {
    const IssueCode wanted{.tenant = kTenant, .purpose = purpose, .subject = subject, .code = code, .data = {{"for", code}}, .recipient = recipient};
    const auto done = db_->write([&](storage::Transaction& tx) { return store_.issue(tx, wanted, now); });
    EXPECT_TRUE(done.ok());
    return done && *done;
  }
  Outcome redeem(const std::string& code, const std::string& subject = "ada", const std::string& purpose = "mfa", Timestamp now = kNow) {
    const auto done = db_->write([&](storage::Transaction& tx) { return store_.redeem(tx, kTenant, purpose, subject, code, now); });
    EXPECT_TRUE(done.ok());
    return done->outcome;
  }
  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  OneTimeCodeStore store_;
};
INSTANTIATE_TEST_SUITE_P(EachDatabase, OneTimeCodeStoreTest, ::testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

TEST_P(OneTimeCodeStoreTest, a_code_is_good_once_for_its_purpose_subject_and_time) {
  ASSERT_TRUE(issue("123456"));
  EXPECT_EQ(redeem("123456", "bob"), Outcome::none);
  EXPECT_EQ(redeem("123456", "ada", "passwordless"), Outcome::none);
  EXPECT_EQ(redeem("123456", "ada", "mfa", kNow + seconds(180)), Outcome::expired);
  const auto right = db_->write([&](storage::Transaction& tx) { return store_.redeem(tx, kTenant, "mfa", "ada", "123456", kNow); });
  ASSERT_TRUE(right->right());
  EXPECT_EQ(get_string(right->data, "for"), "123456");
  EXPECT_EQ(redeem("123456"), Outcome::none) << "used up";
}

TEST_P(OneTimeCodeStoreTest, only_the_newest_code_is_good) {
  ASSERT_TRUE(issue("111111"));
  ASSERT_TRUE(issue("222222"));
  EXPECT_EQ(redeem("111111"), Outcome::wrong);
  EXPECT_EQ(redeem("222222"), Outcome::right);
}

TEST_P(OneTimeCodeStoreTest, the_third_wrong_try_voids_it) {
  ASSERT_TRUE(issue("123456"));
  EXPECT_EQ(redeem("000000"), Outcome::wrong);
  EXPECT_EQ(redeem(""), Outcome::wrong);
  EXPECT_EQ(redeem("000001"), Outcome::too_many);
  EXPECT_EQ(redeem("123456"), Outcome::too_many);
  ASSERT_TRUE(issue("654321"));
  EXPECT_EQ(redeem("654321"), Outcome::right) << "a new code begins anew";
}

TEST_P(OneTimeCodeStoreTest, of_many_who_try_it_at_once_one_is_right) {
  ASSERT_TRUE(issue("123456"));
  std::atomic<int> winners{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      if (redeem("123456") == Outcome::right) ++winners;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(winners, 1);
}

TEST_P(OneTimeCodeStoreTest, a_recipient_is_sent_ten_at_once_and_then_one_every_six_minutes) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(issue("123456", "subject" + std::to_string(i), "mfa", kNow, "+15550100"));
  EXPECT_FALSE(issue("999999", "subject0", "mfa", kNow, "+15550100"));
  EXPECT_EQ(redeem("123456", "subject0"), Outcome::right) << "what was not sent did not replace the code before it";
  EXPECT_TRUE(issue("999999", "subject0", "mfa", kNow, "+15550101"));
  EXPECT_TRUE(issue("999999", "subject0", "mfa", kNow + std::chrono::minutes(6), "+15550100"));
  EXPECT_FALSE(issue("999999", "subject0", "mfa", kNow + std::chrono::minutes(6), "+15550100"));
}

TEST_P(OneTimeCodeStoreTest, shows_what_is_outstanding_and_forgets_what_is_over) {
  const auto outstanding = [&](Timestamp now) {
    return db_->read([&](storage::Reader& reader) { return store_.outstanding(reader, kTenant, "mfa", "ada", now); })->has_value();
  };
  EXPECT_FALSE(outstanding(kNow));
  ASSERT_TRUE(issue("123456"));
  EXPECT_TRUE(outstanding(kNow));
  EXPECT_FALSE(outstanding(kNow + seconds(180)));
  EXPECT_EQ(redeem("123456"), Outcome::right);
  EXPECT_FALSE(outstanding(kNow));
  const auto remove = [&](Timestamp now) {
    return *db_->write([&](storage::Transaction& tx) { return store_.remove_expired(tx, now, 10); });
  };
  EXPECT_EQ(remove(kNow + std::chrono::minutes(62)), 0);
  EXPECT_EQ(remove(kNow + std::chrono::minutes(64)), 1);
  ASSERT_TRUE(issue("123456"));
  ASSERT_TRUE(db_->write([&](storage::Transaction& tx) { return store_.discard(tx, kTenant, "mfa", "ada"); }));
  EXPECT_EQ(redeem("123456"), Outcome::none);
}

TEST(OneTimeCodes, digits_are_as_many_as_asked_and_each_equally_likely) {
  crypto::SystemRandom random;
  std::array<int, 10> seen{};
  for (int i = 0; i < 2000; ++i) {
    const std::string digits = OneTimeCodeStore::make_digits(random, 6);
    ASSERT_EQ(digits.size(), 6U);
    for (const char c : digits) ++seen.at(size_t(c - '0'));
  }
  for (const int count : seen) EXPECT_NEAR(count, 1200, 250);
  EXPECT_EQ(OneTimeCodeStore::make_secret(random).size(), 43U);
}

}  // namespace
}  // namespace gatehouse::model
