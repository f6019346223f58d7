// Cookies both ways, and forwarded addresses. The first line is a name, the second a value that somebody chose, the rest a header.
#include "http/forwarded.h"
#include "http/request.h"
#include "http/transport/response_writer.h"

using namespace gatehouse::http;

namespace {

std::string_view take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return line;
}

void require(bool condition) {
  if (!condition) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::string_view name = take_line(text);
  const std::string_view value = take_line(text);

  Request request;
  request.headers.emplace_back("cookie", std::string(text));
  if (const auto found = request.cookie(name)) require(text.find(*found) != std::string_view::npos);

  // No value can end its cookie, begin a field, or begin a second answer.
  Response response = Response::redirect(std::string(value));
  response.set_cookie({.name = "__Host-x", .value = std::string(value)});
  response.set("X-Value", std::string(value));
  std::string head;
  gatehouse::http::transport::write_head(head, response, "Thu, 01 Jan 1970 00:00:00 GMT", false);
  size_t lines = 0, semicolons = 0;
  for (size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '\n') require(i > 0 && head[i - 1] == '\r'), ++lines;
  }
  require(lines == 7);  // status, Date, Content-Length, three of ours, the empty line
  const size_t cookie = head.find("Set-Cookie: ");
  require(cookie != std::string::npos);
  for (size_t i = cookie; head[i] != '\r'; ++i) semicolons += head[i] == ';';
  require(semicolons == 4);

  const auto proxies = TrustedProxies::parse({"10.0.0.0/8", "::1"}).value();
  require(IpAddress::parse(proxies.client_ip(*IpAddress::parse("10.0.0.1"), {text, value})).has_value());
  if (const auto address = IpAddress::parse(value)) require(IpAddress::parse(address->to_string()) == address);
  (void)Cidr::parse(value);
  return 0;
}
