#include "model/rate_buckets/rate_bucket_store.h"

#include <gtest/gtest.h>

#include "storage/testing.h"

namespace gatehouse::model {
namespace {

class RateBucketStoreTest : public testing::TestWithParam<std::string> {
 protected:
  bool take(Timestamp now) {
    const Result<bool> taken = db_->write([&](storage::Transaction& tx) { return store_.take(tx, tenant_, "login", "ada", bucket_, now); });
    EXPECT_TRUE(taken.ok());
    return taken.ok() && *taken;
  }
  storage::TestDatabase db_ = storage::make_test_database(GetParam());
  const RateBucketStore store_{};
  const TenantId tenant_{"t"};
  const BucketSize bucket_{3, seconds(60)};
  const Timestamp noon_ = from_micros(1'800'000'000'000'000);
};

TEST_P(RateBucketStoreTest, has_its_tokens_at_once_and_then_one_every_refill) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take(noon_));
  EXPECT_FALSE(take(noon_));
  EXPECT_FALSE(take(noon_ + seconds(59)));
  EXPECT_TRUE(take(noon_ + seconds(60)));
  EXPECT_FALSE(take(noon_ + seconds(60)));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take(noon_ + seconds(3600)));
  EXPECT_FALSE(take(noon_ + seconds(3600)));
}

TEST_P(RateBucketStoreTest, a_clock_set_back_by_a_day_leaves_nobody_refused_for_a_day) {
  for (int i = 0; i < 4; ++i) take(noon_);
  const Timestamp yesterday = noon_ - std::chrono::hours(24);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take(yesterday));
  EXPECT_FALSE(take(yesterday)) << "and still counts";
}

TEST_P(RateBucketStoreTest, two_nodes_whose_clocks_differ_by_seconds_give_no_more_tokens) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take(noon_));
  EXPECT_FALSE(take(noon_ - seconds(30)));
}

TEST_P(RateBucketStoreTest, forgets_full_buckets_only_also_those_that_were_used_again) {
  const auto rows = [&] {
    const auto found = db_->read([&](storage::Reader& reader) { return reader.query("SELECT subject FROM rate_buckets WHERE tenant = $1 AND kind = 'login' AND subject = 'ada'", tenant_); });
    return found->size();
  };
  const auto clean = [&](Timestamp now) {
    const Result<int64_t> looked = db_->write([&](storage::Transaction& tx) { return store_.remove_expired(tx, now, 10); });
    EXPECT_TRUE(looked.ok());
    return looked.ok() ? *looked : 0;
  };
  take(noon_);
  EXPECT_EQ(clean(noon_ + seconds(179)), 0) << "an empty one would not be full";
  take(noon_ + seconds(170));
  EXPECT_EQ(clean(noon_ + seconds(180)), 1);
  EXPECT_EQ(rows(), 1u) << "used a moment ago";
  EXPECT_EQ(clean(noon_ + seconds(240)), 0) << "looked at only now and then";
  EXPECT_EQ(clean(noon_ + seconds(180) + std::chrono::hours(1)), 1);
  EXPECT_EQ(rows(), 0u);
}

INSTANTIATE_TEST_SUITE_P(EachDatabase, RateBucketStoreTest, testing::ValuesIn(storage::each_database()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace gatehouse::model
