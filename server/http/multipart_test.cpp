#include "http/multipart.h"

#include <gtest/gtest.h>

namespace gatehouse::http {
namespace {

/// What was received, as name|filename=data;
class Recorder final : public MultipartReader::Receiver {
 public:
  Result<void> begin_part(std::string_view name, std::optional<std::string_view> filename) override {
    if (name == "refused") return Error{Errc::unavailable, "not this one"};
    seen += std::string(seen.empty() ? "" : ";") + std::string(name) + "|" + std::string(filename.value_or("-")) + "=";
    return {};
  }
  Result<void> part_data(std::string_view data) override {
    seen += data;
    return {};
  }
  std::string seen;
};

std::string read(std::string_view body, size_t piece) {
  Recorder recorder;
  MultipartReader reader("b0", recorder);
  for (size_t at = 0; at < body.size(); at += piece)
    if (const Result<void> fed = reader.feed(body.substr(at, piece)); !fed) return fed.error().message;
  return reader.complete() ? recorder.seen : "incomplete: " + recorder.seen;
}

constexpr std::string_view two_parts =
    "--b0\r\nContent-Disposition: form-data; name=\"users\"; filename=\"u.json\"\r\nContent-Type: application/json\r\n\r\n[{\"a\":\r\n--b1}]\r\n"
    "--b0\r\ncontent-disposition: form-data; name=upsert\r\n\r\ntrue\r\n--b0\r\nContent-Disposition: form-data; name=\"none\"\r\n\r\n\r\n--b0--\r\n";

TEST(Multipart, parts_are_the_same_whatever_pieces_they_come_in) {
  for (size_t piece = 1; piece <= two_parts.size(); ++piece)
    ASSERT_EQ(read(two_parts, piece), "users|u.json=[{\"a\":\r\n--b1}];upsert|-=true;none|-=") << piece;
}

TEST(Multipart, a_body_that_breaks_off_is_not_complete) {
  for (size_t size = 0; size + 4 < two_parts.size(); ++size) ASSERT_TRUE(read(two_parts.substr(0, size), 7).starts_with("incomplete")) << size;
}

TEST(Multipart, what_is_malformed_is_said) {
  EXPECT_NE(read("--b0\r\nContent-Type: x\r\n\r\ny\r\n--b0--", 100).find("no Content-Disposition"), std::string::npos);
  EXPECT_NE(read("--b0\r\nContent-Disposition: form-data\r\n\r\ny\r\n--b0--", 100).find("no name"), std::string::npos);
  EXPECT_NE(read("--b0\r\nContent-Disposition: attachment; name=\"x\"\r\n\r\ny\r\n--b0--", 100).find("no name"), std::string::npos);
  EXPECT_NE(read("--b0junk\r\n", 100).find("on its line"), std::string::npos);
  EXPECT_NE(read(std::string(10'000, 'x'), 100).find("boundary"), std::string::npos);
  EXPECT_NE(read("--b0\r\nContent-Disposition: form-data; name=\"" + std::string(10'000, 'x'), 100).find("too long"), std::string::npos);
  std::string many;
  for (int i = 0; i < 60; ++i) many += "--b0\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n";
  EXPECT_NE(read(many, 1000).find("too many"), std::string::npos);
  EXPECT_EQ(read("--b0\r\nContent-Disposition: form-data; name=\"refused\"\r\n\r\n", 1000), "not this one");
}

TEST(Multipart, boundaries_are_found_in_content_types) {
  EXPECT_EQ(MultipartReader::boundary_of("multipart/form-data; boundary=----WebKit7"), "----WebKit7");
  EXPECT_EQ(MultipartReader::boundary_of("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\""), "a b");
  for (const char* none : {"application/json", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x", ""})
    EXPECT_FALSE(MultipartReader::boundary_of(none)) << none;
  EXPECT_FALSE(MultipartReader::boundary_of("multipart/form-data; boundary=" + std::string(71, 'x')));
}

}  // namespace
}  // namespace gatehouse::http
