#include "http/request.h"

#include <gtest/gtest.h>

namespace gatehouse::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Parameters, KeepsOrderAndDecodesOnce) {
  const auto parsed = Parameters::parse("b=1+2&a=%C3%A4%26&&flag&a=%2541&=x");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->pairs(), (Pairs{{"b", "1 2"}, {"a", "ä&"}, {"flag", ""}, {"a", "%41"}, {"", "x"}}));
  EXPECT_EQ(parsed->get("a"), "ä&");
  EXPECT_EQ(parsed->all("a"), (std::vector<std::string_view>{"ä&", "%41"}));
  EXPECT_EQ(parsed->repeated(), "a");
  EXPECT_FALSE(parsed->contains("A"));
}

TEST(Parameters, RefusesWhatIsAmbiguous) {
  for (const char* text : {"a=%", "a=%4", "a=%zz", "%=a", "a=%00", "a=%ff", "a=%C3", "%ED%A0%80=1", "a=\xff"})
    EXPECT_FALSE(Parameters::parse(text)) << text;
  EXPECT_FALSE(Parameters::parse(std::string_view("a=\0", 3)));
  EXPECT_EQ(Parameters::parse("a=%").error().code, Errc::invalid_argument);
}

TEST(Parameters, TakesAThousandPairsAndNoMore) {
  std::string text;
  for (int i = 0; i < 1'000; ++i) text += "a=1&";
  EXPECT_TRUE(Parameters::parse(text));
  EXPECT_FALSE(Parameters::parse(text + "a=1"));
}

TEST(Parameters, EncodesBackToWhatItWas) {
  Parameters parameters;
  parameters.add("redirect_uri", "https://a.example/?x=1&y=ü");
  parameters.add("s", "a b+c~");
  EXPECT_EQ(parameters.encode(), "redirect_uri=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D%C3%BC&s=a%20b%2Bc~");
  EXPECT_EQ(Parameters::parse(parameters.encode())->pairs(), parameters.pairs());
}

TEST(PercentCoding, LeavesPlusAlone) {
  EXPECT_EQ(percent_decode("a+b%20c"), "a+b c");
  EXPECT_EQ(percent_decode("%"), std::nullopt);
  EXPECT_EQ(percent_decode("a%2"), std::nullopt);
}

Request with_cookies(std::vector<std::string> values) {
  Request request;
  for (std::string& value : values) request.headers.emplace_back("cookie", std::move(value));
  return request;
}

TEST(Cookies, AreFoundByTheirExactName) {
  const Request request = with_cookies({"a=1; ab=2;c=x=y ;  d=", "e=5"});
  EXPECT_EQ(request.cookie("a"), "1");
  EXPECT_EQ(request.cookie("ab"), "2");
  EXPECT_EQ(request.cookie("c"), "x=y");
  EXPECT_EQ(request.cookie("d"), "");
  EXPECT_EQ(request.cookie("e"), "5");
  EXPECT_EQ(request.cookie("A"), std::nullopt);
  EXPECT_EQ(request.cookie("b"), std::nullopt);
}

TEST(Cookies, SentTwiceAreBelievedInNeitherForm) {
  EXPECT_EQ(with_cookies({"a=1; a=2"}).cookie("a"), std::nullopt);
  EXPECT_EQ(with_cookies({"a=1", "a=1"}).cookie("a"), std::nullopt);
}

TEST(Request, KnowsItsMediaType) {
  Request request;
  EXPECT_EQ(request.content_type(), "");
  request.headers.emplace_back("content-type", "Application/JSON ; charset=UTF-8");
  EXPECT_EQ(request.content_type(), "application/json");
}

TEST(Request, HasOnlyTheParametersOfItsPattern) {
  Request request;
  request.path_parameters["id"] = "7";
  EXPECT_EQ(request.id_parameter<UserId>(), UserId("7"));
  EXPECT_THROW((void)request.parameter("other"), std::logic_error);
}

}  // namespace
}  // namespace gatehouse::http
