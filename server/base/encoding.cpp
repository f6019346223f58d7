#include "base/encoding.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <cstring>

namespace gatehouse {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Appends to `out`, whose room is made once: tokens and digests are encoded on every request.
void encode(std::string& out, std::string_view in, std::string_view alphabet, bool pad) {
  const size_t start = out.size(), rest = in.size() % 3;
  out.resize(start + in.size() / 3 * 4 + (rest == 0 ? 0 : pad ? 4 : rest + 1));
  char* to = out.data() + start;
  const char* const digits = alphabet.data();
  const auto* from = reinterpret_cast<const uint8_t*>(in.data());
  for (const auto* const end = from + (in.size() - rest); from != end; from += 3) {
    const uint32_t n = uint32_t(from[0]) << 16 | uint32_t(from[1]) << 8 | from[2];
    *to++ = digits[n >> 18];
    *to++ = digits[n >> 12 & 63];
    *to++ = digits[n >> 6 & 63];
    *to++ = digits[n & 63];
  }
  if (rest == 0) return;
  const uint32_t n = uint32_t(from[0]) << 16 | (rest == 2 ? uint32_t(from[1]) << 8 : 0);
  *to++ = digits[n >> 18];
  *to++ = digits[n >> 12 & 63];
  if (rest == 2) *to++ = digits[n >> 6 & 63];
  while (to != out.data() + out.size()) *to++ = '=';
}

std::string encoded(std::string_view in, std::string_view alphabet, bool pad) {
  std::string out;
  encode(out, in, alphabet, pad);
  return out;
}

constexpr std::array<int8_t, 256> decode_table(std::string_view alphabet) {
  std::array<int8_t, 256> table{};
  for (auto& t : table) t = -1;
  for (size_t i = 0; i < alphabet.size(); ++i) table[uint8_t(alphabet[i])] = int8_t(i);
  return table;
}
constexpr auto kDecode = decode_table(kBase64);
constexpr auto kDecodeUrl = decode_table(kBase64Url);

std::optional<std::string> decode(std::string_view in, const std::array<int8_t, 256>& table) {
  const size_t rest = in.size() % 4;
  if (rest == 1) return std::nullopt;
  std::string out(in.size() / 4 * 3 + (rest == 0 ? 0 : rest - 1), '\0');
  char* to = out.data();
  const auto* from = reinterpret_cast<const uint8_t*>(in.data());
  for (const auto* const end = from + (in.size() - rest); from != end; from += 4) {
    const int a = table[from[0]], b = table[from[1]], c = table[from[2]], d = table[from[3]];
    if ((a | b | c | d) < 0) return std::nullopt;
    const uint32_t n = uint32_t(a << 18 | b << 12 | c << 6 | d);
    *to++ = char(n >> 16);
    *to++ = char(n >> 8);
    *to++ = char(n);
  }
  if (rest == 0) return out;
  const int a = table[from[0]], b = table[from[1]], c = rest == 3 ? table[from[2]] : 0;
  if ((a | b | c) < 0) return std::nullopt;
  const uint32_t n = uint32_t(a << 18 | b << 12 | c << 6);
  *to++ = char(n >> 16);
  if (rest == 3) *to++ = char(n >> 8);
  if ((n & (rest == 3 ? 0xffu : 0xffffu)) != 0) return std::nullopt;  // one text a value: RFC 4648 §3.5
  return out;
}

}  // namespace

std::string base64_encode(std::string_view bytes) { return encoded(bytes, kBase64, true); }
std::string base64url_encode(std::string_view bytes) { return encoded(bytes, kBase64Url, false); }
void append_base64url(std::string& out, std::string_view bytes) { encode(out, bytes, kBase64Url, false); }

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.ends_with("=="))
    text.remove_suffix(2);
  else if (text.ends_with("="))
    text.remove_suffix(1);
  return decode(text, kDecode);
}

std::optional<std::string> base64url_decode(std::string_view text) { return decode(text, kDecodeUrl); }

std::string hex_encode(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out(bytes.size() * 2, '\0');
  char* to = out.data();
  for (const char c : bytes) {
    *to++ = digits[uint8_t(c) >> 4];
    *to++ = digits[uint8_t(c) & 15];
  }
  return out;
}

std::optional<std::string> hex_decode(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  const auto nibble = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int hi = nibble(text[i]), lo = nibble(text[i + 1]);
    if (hi < 0 || lo < 0) return std::nullopt;
    out += char(hi << 4 | lo);
  }
  return out;
}

bool is_ascii(std::string_view text) {
  size_t i = 0;
  for (uint64_t eight; i + sizeof eight <= text.size(); i += sizeof eight) {
    std::memcpy(&eight, text.data() + i, sizeof eight);
    if (eight & 0x8080808080808080u) return false;
  }
  for (; i < text.size(); ++i)
    if (uint8_t(text[i]) >= 0x80) return false;
  return true;
}

bool is_valid_utf8(std::string_view text) {
  if (is_ascii(text)) return true;
  for (size_t i = 0; i < text.size();) {
    uint64_t eight = 0;
    if (i + sizeof eight <= text.size()) {  // nearly everything is ASCII
      std::memcpy(&eight, text.data() + i, sizeof eight);
      if ((eight & 0x8080808080808080) == 0) {
        i += sizeof eight;
        continue;
      }
    }
    const uint8_t c = uint8_t(text[i]);
    if (c < 0x80) {
      ++i;
      continue;
    }
    size_t length;
    uint32_t point, least;
    if ((c & 0xE0) == 0xC0)
      length = 2, point = c & 0x1F, least = 0x80;
    else if ((c & 0xF0) == 0xE0)
      length = 3, point = c & 0x0F, least = 0x800;
    else if ((c & 0xF8) == 0xF0)
      length = 4, point = c & 0x07, least = 0x10000;
    else
      return false;
    if (i + length > text.size()) return false;
    for (size_t k = 1; k < length; ++k) {
      const uint8_t next = uint8_t(text[i + k]);
      if ((next & 0xC0) != 0x80) return false;
      point = point << 6 | (next & 0x3F);
    }
    if (point < least || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    i += length;
  }
  return true;
}

std::string to_lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  return out;
}

}  // namespace gatehouse
