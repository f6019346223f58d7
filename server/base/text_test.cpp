#include "base/text.h"

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

TEST(Text, TrimsBlanksAndTabsButNotLineEnds) {
  EXPECT_EQ(trim(" \ta b\t "), "a b");
  EXPECT_EQ(trim("a"), "a");
  EXPECT_EQ(trim("a\n"), "a\n");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Text, SplitsAndLeavesEmptyPiecesOut) {
  EXPECT_EQ(split("a  b c ", ' '), (std::vector<std::string_view>{"a", "b", "c"}));
  EXPECT_EQ(split(",,", ','), std::vector<std::string_view>{});
  EXPECT_EQ(split("", ','), std::vector<std::string_view>{});
  EXPECT_EQ(split("alone", ','), std::vector<std::string_view>{"alone"});
}

TEST(Text, FindsControlCharactersWhereverTheyStand) {
  for (size_t size = 1; size < 20; ++size) {
    std::string text(size, ' ');
    EXPECT_FALSE(has_control(text));
    for (size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        text[at] = static_cast<char>(c);
        EXPECT_EQ(has_control(text), c < 0x20 || c == 0x7f) << c << " at " << at;
      }
      text[at] = '~';
    }
  }
}

TEST(Text, Joins) {
  EXPECT_EQ(join({"a", "b"}, ", "), "a, b");
  EXPECT_EQ(join({"", ""}, ","), ",");
  EXPECT_EQ(join({}, ","), "");
}

TEST(Text, CountsCharactersAndCutsBetweenThem) {
  EXPECT_EQ(length_in_characters("aé€😀"), 4u);
  EXPECT_EQ(cut("aé€", 2), "a");
  EXPECT_EQ(cut("aé€", 3), "aé");
  EXPECT_EQ(cut("aé€", 5), "aé");
  EXPECT_EQ(cut("aé€", 6), "aé€");
  EXPECT_EQ(cut("€", 0), "");
}

}  // namespace
}  // namespace gatehouse
