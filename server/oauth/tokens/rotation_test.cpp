#include "oauth/tokens/rotation.h"

#include <gtest/gtest.h>

namespace gatehouse::oauth {
namespace {

const Timestamp kNow = from_micros(1'800'000'000'000'000);

TEST(Rotation, generations_older_than_the_previous_one_are_spent_even_inside_the_leeway) {
  const model::RefreshTokenPolicy policy{.rotating = true, .leeway = seconds(10)};
  const model::RefreshTokenFamily family{.generation = 5, .rotated_at = kNow};
  EXPECT_EQ(presented(family, policy, 5, kNow), Presented::current);
  EXPECT_EQ(presented(family, policy, 4, kNow + seconds(10)), Presented::previous);
  EXPECT_EQ(presented(family, policy, 4, kNow + seconds(11)), Presented::spent);
  EXPECT_EQ(presented(family, policy, 3, kNow), Presented::spent);
  EXPECT_EQ(presented(family, policy, 6, kNow), Presented::spent);
  EXPECT_EQ(presented(family, {.rotating = true, .leeway = seconds(0)}, 4, kNow), Presented::spent);
}

TEST(Rotation, rotating_tokens_always_end_and_idle_never_outlives_the_absolute_end) {
  model::RefreshTokenPolicy policy{.rotating = true, .token_lifetime = seconds(100), .infinite_token_lifetime = true};
  EXPECT_EQ(absolute_end(policy, kNow), kNow + seconds(100));
  policy.rotating = false;
  EXPECT_EQ(absolute_end(policy, kNow), std::nullopt);
  EXPECT_EQ(idle_end(policy, std::nullopt, kNow), std::nullopt);
  policy.expiring = true;
  policy.infinite_token_lifetime = policy.infinite_idle_token_lifetime = false;
  policy.idle_token_lifetime = seconds(60);
  EXPECT_EQ(absolute_end(policy, kNow), kNow + seconds(100));
  EXPECT_EQ(idle_end(policy, kNow + seconds(100), kNow + seconds(30)), kNow + seconds(90));
  EXPECT_EQ(idle_end(policy, kNow + seconds(100), kNow + seconds(50)), kNow + seconds(100));
}

}  // namespace
}  // namespace gatehouse::oauth
