#include "model/user_imports/array_reader.h"

#include <gtest/gtest.h>

namespace gatehouse::model {
namespace {

/// All elements joined by |, or the complaint.
std::string elements(std::string_view text, size_t piece, int64_t from = 0) {
  ArrayReader reader(from);
  std::string out;
  for (size_t at = size_t(from); at < text.size(); at += piece) {
    reader.feed(text.substr(at, piece));
    for (;;) {
      const auto element = reader.next();
      if (!element) return element.error().message;
      if (!*element) break;
      out += std::string(out.empty() ? "" : "|") + std::string(**element);
    }
  }
  return reader.complete() ? out : "incomplete";
}

constexpr std::string_view rows = R"( [ {"a":[1,{"b":"]}\"\\"}]} , {"c":2},"text, [" ,4 ]
)";

TEST(ArrayReader, elements_are_the_same_whatever_pieces_they_come_in) {
  for (size_t piece = 1; piece <= rows.size(); ++piece)
    ASSERT_EQ(elements(rows, piece), R"({"a":[1,{"b":"]}\"\\"}]} |{"c":2}|"text, [" |4 )") << piece;
}

TEST(ArrayReader, reading_goes_on_after_any_element) {
  ArrayReader reader;
  reader.feed(rows);
  std::vector<int64_t> ends;
  while (const auto element = *reader.next()) ends.push_back(reader.offset());
  ASSERT_EQ(ends.size(), 4u);
  EXPECT_EQ(elements(rows, 5, ends[0]), R"({"c":2}|"text, [" |4 )");
  EXPECT_EQ(elements(rows, 5, ends[1]), R"("text, [" |4 )");
  EXPECT_EQ(elements(rows, 5, ends[3]), "");
}

TEST(ArrayReader, an_empty_array_has_no_elements_and_a_byte_order_mark_is_forgiven) {
  EXPECT_EQ(elements("[]", 1), "");
  EXPECT_EQ(elements("\xEF\xBB\xBF[1]", 100), "1");
}

TEST(ArrayReader, what_is_no_array_is_said_with_its_place) {
  EXPECT_EQ(elements("{\"a\":1}", 3), "The file does not hold a JSON array (near byte 0)");
  EXPECT_EQ(elements("[1] x", 3), "Something follows the array (near byte 4)");
  EXPECT_EQ(elements("[1", 3), "incomplete");
  EXPECT_EQ(elements("", 3), "incomplete");
  EXPECT_EQ(elements("[\"" + std::string(2'000'000, 'x'), 100'000), "An element is longer than 1 MiB (near byte 1)");
}

TEST(ArrayReader, knows_a_byte_order_mark_in_pieces) {
  ArrayReader reader;
  for (const char c : std::string_view("\xEF\xBB\xBF[7]")) {
    const auto element = reader.next();
    ASSERT_TRUE(element) << element.error().message;
    EXPECT_FALSE(*element);
    reader.feed({&c, 1});
  }
  EXPECT_EQ(**reader.next(), "7");
  EXPECT_FALSE(*reader.next());
  EXPECT_TRUE(reader.complete());
}

}  // namespace
}  // namespace gatehouse::model
