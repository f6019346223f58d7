#include "http/transport/response_writer.h"

#include <charconv>
#include <ctime>

#include "base/text.h"
#include "http/body_source.h"
#include "http/reason.h"

namespace gatehouse::http::transport {
namespace {

bool is_framing(std::string_view name) {
  const auto is = [name](std::string_view other) {
    return name.size() == other.size() &&
           std::equal(name.begin(), name.end(), other.begin(), [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
  };
  return is("date") || is("connection") || is("keep-alive") || is("content-length") || is("transfer-encoding");
}

void append_clean(std::string& out, std::string_view text) {
  const auto is_control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  };
  const size_t start = out.size();
  out.append(text);
  if (!has_control(text)) return;
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), is_control, ' ');
}

void append_number(std::string& out, uint64_t number) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

}  // namespace

void write_head(std::string& out, const Response& response, std::string_view date, bool close) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<uint64_t>(response.status));
  out.append(" ").append(reason_phrase(response.status));
  out.append("\r\nDate: ").append(date);
  if (response.status != 204 && response.status != 304 && response.status >= 200) {
    out.append("\r\nContent-Length: ");
    append_number(out, response.source ? uint64_t(response.source->size()) : response.bytes().size());
  }
  if (close) out.append("\r\nConnection: close");
  for (const auto& [name, value] : response.headers) {
    if (is_framing(name)) continue;
    out.append("\r\n");
    append_clean(out, name);
    out.append(": ");
    append_clean(out, value);
  }
  out.append("\r\n\r\n");
}

bool has_body(Method method, int status) { return method != Method::HEAD && status >= 200 && status != 204 && status != 304; }

std::string http_date(Timestamp t) {
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = to_unix_seconds(t);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[parts.tm_wday], parts.tm_mday, months[parts.tm_mon],
                parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return text;
}

}  // namespace gatehouse::http::transport
