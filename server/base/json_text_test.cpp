#include "base/json_text.h"

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

TEST(JsonText, EscapesAsTheSerializerDoes) {
  std::string every = "ends in a letter, äöü€😀";
  for (int c = 0; c < 0x80; ++c) every += static_cast<char>(c);
  for (const std::string& text : {every, std::string(), std::string("\""), std::string("\\"), std::string("plain"), std::string("a\nb")}) {
    std::string out = "kept";
    append_json(out, std::string_view(text));
    EXPECT_EQ(out, "kept" + json::serialize(json::value(text)));
    EXPECT_EQ(parse_json(out.substr(4))->as_string(), text);
  }
}

TEST(JsonText, WritesAnObjectMemberByMember) {
  std::string out = "{";  // what stands before is nobody's business
  JsonObjectText object(out);
  object.add("text", "a\"b").add("number", int64_t{-7}).add("flag", true).add("size", size_t{3}).add("string", std::string("s"));
  object.add("tree", json::value(json::array{1, nullptr})).add_list("list", std::vector<std::string>{"x", "y\t"});
  object.add_list("none", std::vector<std::string>{}).close();
  EXPECT_EQ(out.substr(1),
            R"({"text":"a\"b","number":-7,"flag":true,"size":3,"string":"s","tree":[1,null],"list":["x","y\t"],"none":[]})");
  std::string empty;
  JsonObjectText(empty).close();
  EXPECT_EQ(empty, "{}");
}

}  // namespace
}  // namespace gatehouse
