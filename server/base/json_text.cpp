#include "base/json_text.h"

namespace gatehouse {
namespace {

/// What stands after the backslash; 0: nothing is escaped; 'u': four hex digits.
constexpr std::array<char, 256> escapes() {
  std::array<char, 256> table{};
  for (size_t c = 0; c < 0x20; ++c) table[c] = 'u';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['"'] = '"';
  table['\\'] = '\\';
  return table;
}
constexpr std::array<char, 256> kEscapes = escapes();

}  // namespace

void append_json(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  size_t plain = 0;  // where what needs no escape begins
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const char escape = kEscapes[byte];
    if (escape == 0) continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    out += '\\';
    out += escape;
    if (escape != 'u') continue;
    out += "00";
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  out.append(text, plain);
  out += '"';
}

void append_json(std::string& out, const json::value& value) {
  if (const json::string* text = value.if_string()) return append_json(out, std::string_view(*text));
  out += json::serialize(value);
}

}  // namespace gatehouse
