#include "base/encoding.h"
#include "http/request.h"

namespace gatehouse::http {
namespace {

constexpr size_t max_pairs = 1'000;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out(text.size(), '\0');
  char* to = out.data();
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high << 4 | low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    *to++ = c;
  }
  out.resize(static_cast<size_t>(to - out.data()));
  return out;
}

/// One name or value of a form: decoded, strict UTF-8, no NUL (a NUL ends strings early in C libraries further down).
Result<std::string> decode_component(std::string_view text) {
  std::optional<std::string> decoded = decode(text, true);
  if (!decoded) return Error{Errc::invalid_argument, "Malformed percent-encoding in parameters."};
  if (decoded->find('\0') != std::string::npos) return Error{Errc::invalid_argument, "NUL is not allowed in parameters."};
  if (!is_valid_utf8(*decoded)) return Error{Errc::invalid_argument, "Parameters must be valid UTF-8."};
  return *std::move(decoded);
}

}  // namespace

Result<Parameters> Parameters::parse(std::string_view encoded) {
  Parameters parameters;
  parameters.pairs_.reserve(std::min<size_t>(8, static_cast<size_t>(std::count(encoded.begin(), encoded.end(), '&')) + 1));
  while (!encoded.empty()) {
    const size_t end = encoded.find('&');
    const std::string_view pair = encoded.substr(0, end);
    encoded = end == std::string_view::npos ? std::string_view() : encoded.substr(end + 1);
    if (pair.empty()) continue;
    if (parameters.pairs_.size() == max_pairs) return Error{Errc::invalid_argument, "Too many parameters."};
    const size_t equals = pair.find('=');
    TRY(std::string name, decode_component(pair.substr(0, equals)));
    TRY(std::string value, decode_component(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1)));
    parameters.add(std::move(name), std::move(value));
  }
  return parameters;
}

std::optional<std::string_view> Parameters::get(std::string_view name) const {
  for (const auto& [key, value] : pairs_)
    if (key == name) return value;
  return std::nullopt;
}

std::vector<std::string_view> Parameters::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : pairs_)
    if (key == name) values.emplace_back(value);
  return values;
}

std::optional<std::string_view> Parameters::repeated() const {
  std::vector<std::string_view> names;  // sorted: a thousand pairs must not cost a million comparisons
  names.reserve(pairs_.size());
  for (const auto& pair : pairs_) names.emplace_back(pair.first);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  return twice == names.end() ? std::nullopt : std::optional(*twice);
}

std::string Parameters::encode() const {
  std::string out;
  for (const auto& [name, value] : pairs_) {
    if (!out.empty()) out.push_back('&');
    out.append(percent_encode(name)).push_back('=');
    out.append(percent_encode(value));
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(byte)) {
      out.push_back(c);
    } else {
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view text) { return decode(text, false); }

}  // namespace gatehouse::http
