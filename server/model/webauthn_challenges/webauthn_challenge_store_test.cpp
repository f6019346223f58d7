#include "model/webauthn_challenges/webauthn_challenge_store.h"

#include <gtest/gtest.h>

#include "storage/testing.h"

namespace gatehouse::model {
namespace {

class WebAuthnChallengeStoreTest : public testing::TestWithParam<std::string> {
 protected:
  void issue(const std::string& subject, const std::string& bytes) {
    ASSERT_TRUE(db_->write([&](storage::Transaction& tx) {
                     return store_.issue(tx, {tenant_, "login", subject, bytes, {{"rp", "a"}}}, now_);
                   })
                    .ok());
  }
  bool redeem(const std::string& subject, const std::string& bytes, const std::string& purpose = "login") {
    auto used = db_->write([&](storage::Transaction& tx) { return store_.redeem(tx, tenant_, purpose, subject, bytes, now_); });
    return used.ok() && *used;
  }
  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  WebAuthnChallengeStore store_;
  TenantId tenant_{"acme"};
  Timestamp now_ = ManualClock().now();
};

TEST_P(WebAuthnChallengeStoreTest, AChallengeIsGoodOnceAndForWhatItWasMade) {
  issue("login 1", "challenge");
  EXPECT_FALSE(redeem("login 2", "challenge"));
  EXPECT_FALSE(redeem("login 1", "challenge", "mfa"));
  EXPECT_FALSE(redeem("login 1", "another"));
  const auto data =
      db_->read([&](storage::Reader& reader) { return store_.outstanding(reader, tenant_, "login", "login 1", "challenge", now_); });
  ASSERT_TRUE(data.ok() && data->has_value());
  EXPECT_EQ((*data)->at("rp"), "a");
  EXPECT_TRUE(redeem("login 1", "challenge"));
  EXPECT_FALSE(redeem("login 1", "challenge")) << "replayed";
}

TEST_P(WebAuthnChallengeStoreTest, ANewerOneReplacesIt) {
  issue("login 1", "first");
  issue("login 1", "second");
  EXPECT_FALSE(redeem("login 1", "first"));
  EXPECT_TRUE(redeem("login 1", "second"));
}

TEST_P(WebAuthnChallengeStoreTest, ItIsForgottenAfterFiveMinutes) {
  issue("login 1", "challenge");
  now_ += std::chrono::minutes(5);
  EXPECT_FALSE(redeem("login 1", "challenge"));
  now_ += seconds(1);
  const auto removed = db_->write([&](storage::Transaction& tx) { return store_.remove_expired(tx, now_, 10); });
  ASSERT_TRUE(removed.ok());
  EXPECT_EQ(*removed, 1);
}

INSTANTIATE_TEST_SUITE_P(EachDatabase, WebAuthnChallengeStoreTest, testing::ValuesIn(storage::each_database()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace gatehouse::model
