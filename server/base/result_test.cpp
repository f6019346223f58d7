#include "base/result.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json.h"

namespace gatehouse {
namespace {

struct OtherError {
  std::string text;
  OtherError(Error e) : text(e.message) {}  // NOLINT
};

Result<int> half(int n) {
  if (n % 2) return Error{Errc::invalid_argument, "odd"};
  return n / 2;
}

Result<std::string, OtherError> quarter(int n) {
  TRY(const int once, half(n));
  TRY(const int twice, half(once));
  return std::to_string(twice);
}

TEST(Result, try_declares_the_value_or_converts_the_error) {
  EXPECT_EQ(*quarter(8), "2");
  EXPECT_EQ(quarter(6).error().text, "odd");
}

TEST(Json, a_member_given_twice_is_refused_at_every_depth) {
  EXPECT_TRUE(parse_json(R"({"a":{"b":1},"c":[{"b":1},{"b":2}]})").ok());
  EXPECT_FALSE(parse_json(R"({"a":{"b":1,"b":2}})").ok());
  EXPECT_FALSE(parse_json(R"({"a":1,"\u0061":2})").ok());
}

TEST(Json, depth_and_utf8_are_bounded) {
  EXPECT_FALSE(parse_json(std::string(70, '[') + std::string(70, ']')).ok());
  EXPECT_FALSE(parse_json("\"\xc0\xaf\"").ok());
  EXPECT_FALSE(parse_json("{} x").ok());
}

TEST(Encoding, base64url_is_canonical) {
  EXPECT_EQ(base64url_encode("\xff\xfe"), "__4");
  EXPECT_EQ(base64url_decode("__4"), "\xff\xfe");
  EXPECT_FALSE(base64url_decode("__5"));
  EXPECT_FALSE(base64url_decode("__4="));
  EXPECT_EQ(base64_decode("YWI="), "ab");
  EXPECT_FALSE(base64_decode("YWI"));
}

TEST(Encoding, utf8_refuses_overlong_and_surrogates) {
  EXPECT_TRUE(is_valid_utf8("h\xc3\xa9\xf0\x9f\x98\x80"));
  EXPECT_FALSE(is_valid_utf8("\xc0\x80"));
  EXPECT_FALSE(is_valid_utf8("\xed\xa0\x80"));
  EXPECT_FALSE(is_valid_utf8("\xf4\x90\x80\x80"));
}

}  // namespace
}  // namespace gatehouse
