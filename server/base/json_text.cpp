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

/// Where the first byte at or after `from` stands that needs an escape; the size when there is none. Eight bytes at a time, since nearly
/// none does.
size_t find_escaped(std::string_view text, size_t from) {
  constexpr uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
  const auto has_zero = [](uint64_t v) { return (v - ones) & ~v & tops; };
  for (uint64_t eight; from + sizeof eight <= text.size(); from += sizeof eight) {
    std::memcpy(&eight, text.data() + from, sizeof eight);
    const uint64_t control = (eight - ones * 0x20) & ~eight & tops;
    if (control | has_zero(eight ^ ones * '"') | has_zero(eight ^ ones * '\\')) break;
  }
  while (from < text.size() && kEscapes[static_cast<unsigned char>(text[from])] == 0) ++from;
  return from;
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (size_t plain = 0;;) {
    const size_t at = find_escaped(text, plain);
    out.append(text, plain, at - plain);
    if (at == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[at]);
    const char escape = kEscapes[byte];
    out += '\\';
    out += escape;
    if (escape == 'u') {
      out += "00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
    plain = at + 1;
  }
  out += '"';
}

void append_json(std::string& out, const json::value& value) {
  if (const json::string* text = value.if_string()) return append_json(out, std::string_view(*text));
  out += json::serialize(value);
}

}  // namespace gatehouse
