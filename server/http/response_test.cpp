#include "http/response.h"

#include <gtest/gtest.h>

#include "http/transport/response_writer.h"

namespace gatehouse::http {
namespace {

std::string only_header(const Response& response, std::string_view name) {
  std::string found;
  for (const auto& [key, value] : response.headers)
    if (key == name) found += (found.empty() ? "" : "|") + value;
  return found;
}

TEST(Cookie, IsSafeUnlessToldOtherwise) {
  Response response;
  response.set_cookie({.name = "__Host-s", .value = "abc"});
  EXPECT_EQ(only_header(response, "Set-Cookie"), "__Host-s=abc; Path=/; Secure; HttpOnly; SameSite=Lax");
}

TEST(Cookie, CarriesAgeAndSite) {
  Response response;
  response.set_cookie({.name = "a", .value = "1", .same_site = Cookie::SameSite::none, .max_age_seconds = 60, .http_only = false});
  EXPECT_EQ(only_header(response, "Set-Cookie"), "a=1; Path=/; Max-Age=60; Secure; SameSite=None");
}

TEST(Cookie, IsRemovedForOldBrowsersToo) {
  Response response;
  response.set_cookie({.name = "a", .value = "", .max_age_seconds = 0});
  EXPECT_EQ(only_header(response, "Set-Cookie"),
            "a=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax");
}

TEST(Cookie, CannotBeEndedByItsValue) {
  Response response;
  response.set_cookie({.name = "a", .value = "x; Domain=evil\r\nSet-Cookie: b=1"});
  EXPECT_EQ(only_header(response, "Set-Cookie").substr(0, 45), "a=x%3B%20Domain=evil%0D%0ASet-Cookie:%20b=1; ");
}

TEST(Redirect, NeverCarriesALineEnd) {
  EXPECT_EQ(only_header(Response::redirect("https://a/?x=\r\nSet-Cookie: a=1"), "Location"), "https://a/?x=%0D%0ASet-Cookie:%20a=1");
  EXPECT_EQ(only_header(Response::redirect(std::string("/a\0b", 4)), "Location"), "/a%00b");
  EXPECT_EQ(Response::redirect("/").status, 302);
}

TEST(Response, ReplacesFieldsWhateverTheirCase) {
  Response response = Response::json(200, {{"a", 1}}).set("content-type", "text/plain");
  EXPECT_EQ(response.headers.size(), 1u);
  response.add("Vary", "Origin").add("Vary", "Accept");
  EXPECT_EQ(only_header(response, "Vary"), "Origin|Accept");
  response.no_store();
  EXPECT_EQ(only_header(response, "Cache-Control"), "no-store");
}

TEST(WrittenHead, OwnsTheFraming) {
  Response response = Response::text(200, "hello");
  response.set("Content-Length", "1").set("Transfer-Encoding", "chunked").set("Date", "x").set("X", "a\r\nb: c");
  std::string out;
  transport::write_head(out, response, "now", true);
  EXPECT_EQ(out,
            "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 5\r\nConnection: close\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nX: a  b: c\r\n\r\n");
}

TEST(WrittenHead, HasNoLengthWhereThereIsNoBody) {
  std::string out;
  transport::write_head(out, Response::empty(204), "now", false);
  EXPECT_EQ(out, "HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n");
}

TEST(HttpDate, IsTheFixedForm) { EXPECT_EQ(transport::http_date(from_micros(784'111'777'000'000)), "Sun, 06 Nov 1994 08:49:37 GMT"); }

}  // namespace
}  // namespace gatehouse::http
