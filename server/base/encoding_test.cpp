#include "base/encoding.h"

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

TEST(Encoding, SpeaksBase64AsTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> rows[] = {{"", ""},           {"f", "Zg=="},         {"fo", "Zm8="},         {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : rows) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
    const std::string unpadded = std::string(text).substr(0, std::string_view(text).find('='));
    EXPECT_EQ(base64url_encode(bytes), unpadded);
    EXPECT_EQ(base64url_decode(unpadded), bytes);
  }
}

TEST(Encoding, GivesBackEveryByteAtEveryLength) {
  std::string bytes, appended = "kept";
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
    EXPECT_EQ(hex_decode(hex_encode(bytes)), bytes);
    bytes += static_cast<char>(i * 7);
  }
  append_base64url(appended, "\xfb\xff");
  EXPECT_EQ(appended, "kept-_8");
  EXPECT_EQ(base64_encode("\xfb\xff"), "+/8=");
}

TEST(Encoding, TakesOneTextForOneValueOnly) {
  for (const char* text : {"Z", "Zg==", "Zh", "Zm9", "Zm8=", "Zm+v", "Zm/v", "Zm9v\n", " Zm9v", "Zm9vZ", "Z\x80"})
    EXPECT_FALSE(base64url_decode(text)) << text;
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zm8", "Zm9=", "Zm-v", "Zm_v", "====", "Zm9v="}) EXPECT_FALSE(base64_decode(text)) << text;
}

TEST(Encoding, KnowsWellFormedUtf8WhereverItStands) {
  for (int blanks = 0; blanks < 20; ++blanks) {
    const std::string before(blanks, 'a');
    for (const char* good : {"", "ä", "€", "😀", "\x7f", "\xf4\x8f\xbf\xbf"}) EXPECT_TRUE(is_valid_utf8(before + good + before)) << good;
    for (const char* bad : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"})
      EXPECT_FALSE(is_valid_utf8(before + bad + before));
    EXPECT_TRUE(is_ascii(before + "\x7f"));
    EXPECT_FALSE(is_ascii(before + "ä" + before));
  }
}

}  // namespace
}  // namespace gatehouse
