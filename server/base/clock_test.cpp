#include "base/clock.h"

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

TEST(Clock, WritesDatesAsAuth0Does) {
  EXPECT_EQ(to_iso8601(from_micros(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_iso8601(from_micros(1'800'000'000'123'999)), "2027-01-15T08:00:00.123Z");
  EXPECT_EQ(to_iso8601(from_micros(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_iso8601(from_micros(1'709'251'199'001'000)), "2024-02-29T23:59:59.001Z");
  EXPECT_EQ(to_compact_digits(from_micros(1'709'251'199'001'002)), "20240229235959001002");
  EXPECT_EQ(to_compact_digits(from_micros(5)), "19700101000000000005");
}

}  // namespace
}  // namespace gatehouse
