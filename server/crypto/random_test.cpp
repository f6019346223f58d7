#include "crypto/random.h"

#include <gmock/gmock.h>

#include "crypto/testing.h"

namespace gatehouse::crypto {
namespace {

/// Gives every byte value in turn, so that a biased choice shows exactly.
class EveryByte final : public Random {
 public:
  std::string bytes(size_t count) override {
    std::string out(count, '\0');
    for (char& c : out) c = static_cast<char>(next_++);
    return out;
  }

 private:
  unsigned char next_ = 0;
};

std::map<char, int> histogram(const std::string& text) {
  std::map<char, int> counts;
  for (const char c : text) ++counts[c];
  return counts;
}

TEST(Alphanumeric, uses_every_letter_and_digit_equally_often) {
  EveryByte random;
  const auto counts = histogram(random.alphanumeric(62 * 4 * 10));
  ASSERT_EQ(counts.size(), 62U);
  for (const auto& [letter, count] : counts) EXPECT_NEAR(count, 40, 4) << letter;
}

TEST(Base58, has_no_look_alikes_and_no_bias) {
  EveryByte random;
  const std::string text = random.base58(58 * 4 * 10);
  EXPECT_THAT(text, testing::Not(testing::ContainsRegex("[0OIl]")));
  const auto counts = histogram(text);
  ASSERT_EQ(counts.size(), 58U);
  for (const auto& [letter, count] : counts) EXPECT_NEAR(count, 40, 4) << letter;
}

TEST(Hex, gives_odd_numbers_of_digits_too) {
  SystemRandom random;
  EXPECT_THAT(random.hex(24), testing::MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(random.hex(24).size(), 24U);
  EXPECT_EQ(random.hex(7).size(), 7U);
  EXPECT_EQ(random.hex(0), "");
}

TEST(Uuid, has_the_form_of_version_4) {
  SystemRandom random;
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(random.uuid(), testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  }
}

TEST(SystemRandom, does_not_repeat_itself) {
  SystemRandom random;
  EXPECT_EQ(random.bytes(0), "");
  EXPECT_EQ(random.bytes(33).size(), 33U);
  EXPECT_NE(random.bytes(16), random.bytes(16));
  EXPECT_EQ(random.base64url(32).size(), 43U);
}

TEST(FakeRandom, repeats_itself_in_another_instance_only) {
  FakeRandom a;
  FakeRandom b;
  FakeRandom other("another seed");
  const std::string first = a.bytes(40);
  EXPECT_EQ(first, b.bytes(40));
  EXPECT_NE(first, a.bytes(40));
  EXPECT_NE(first, other.bytes(40));
}

}  // namespace
}  // namespace gatehouse::crypto
