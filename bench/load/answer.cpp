#include "answer.h"

#include <strings.h>

#include <charconv>
#include <stdexcept>

namespace bench {
namespace {

/// Calls `field(name, value)` for every field of a head.
template <class F>
void each_field(std::string_view head, F field) {
  size_t at = head.find("\r\n");
  while (at != std::string_view::npos && at + 2 < head.size()) {
    const size_t begin = at + 2;
    at = head.find("\r\n", begin);
    const std::string_view line = head.substr(begin, at == std::string_view::npos ? at : at - begin);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    field(line.substr(0, colon), value);
  }
}

bool is(std::string_view name, std::string_view wanted) {
  return name.size() == wanted.size() && strncasecmp(name.data(), wanted.data(), name.size()) == 0;
}

/// Length of a chunked body (RFC 9112 §7.1), nullopt while it is not whole.
std::optional<size_t> chunked_length(std::string_view body) {
  size_t at = 0;
  for (;;) {
    const size_t line = body.find("\r\n", at);
    if (line == std::string_view::npos) return std::nullopt;
    size_t size = 0;
    if (std::from_chars(body.data() + at, body.data() + line, size, 16).ec != std::errc{}) throw std::runtime_error("no chunk size");
    at = line + 2 + size + 2;
    if (body.size() < at) return std::nullopt;
    if (size == 0) return at;
  }
}

}  // namespace

std::optional<Answer> parse_answer(std::string_view received) {
  const size_t end = received.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  if (!received.starts_with("HTTP/1.1 ")) throw std::runtime_error("no HTTP/1.1 answer");
  Answer answer;
  std::from_chars(received.data() + 9, received.data() + 12, answer.status);
  size_t length = 0;
  bool chunked = false;
  each_field(received.substr(0, end), [&](std::string_view name, std::string_view value) {
    if (is(name, "content-length")) std::from_chars(value.data(), value.data() + value.size(), length);
    if (is(name, "transfer-encoding")) chunked = is(value, "chunked");
    if (is(name, "connection")) answer.closes = is(value, "close");
  });
  if (answer.status == 204 || answer.status == 304) length = 0;
  if (chunked) {
    const std::optional<size_t> whole = chunked_length(received.substr(end + 4));
    if (!whole) return std::nullopt;
    length = *whole;
  }
  answer.bytes = end + 4 + length;
  if (received.size() < answer.bytes) return std::nullopt;
  return answer;
}

void store_cookies(Variables& jar, std::string_view answer) {
  each_field(answer.substr(0, answer.find("\r\n\r\n")), [&](std::string_view name, std::string_view value) {
    if (!is(name, "set-cookie")) return;
    const bool taken_back = value.find("Max-Age=0") != std::string_view::npos;
    const std::string_view pair = value.substr(0, value.find(';'));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return;
    if (taken_back) {
      jar.erase(std::string(pair.substr(0, equals)));
    } else {
      jar.insert_or_assign(std::string(pair.substr(0, equals)), std::string(pair.substr(equals + 1)));
    }
  });
}

}  // namespace bench
