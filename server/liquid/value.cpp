#include "liquid/value.h"

#include <charconv>
#include <cmath>

namespace gatehouse::liquid {
namespace {

/// As JavaScript prints a number: the shortest digits that read back, an exponent only from 1e21 and below 1e-6.
std::string number_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  if (number == 0) return "0";
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, std::fabs(number), std::chars_format::scientific).ptr;
  const std::string_view text(buffer, size_t(end - buffer));
  const size_t e = text.find('e');
  std::string digits(1, text[0]);
  if (e > 2) digits += text.substr(2, e - 2);
  const int exponent = std::atoi(text.data() + e + 1);
  const int count = int(digits.size());
  std::string out;
  if (exponent >= 0 && exponent < 21) {
    if (count <= exponent + 1)
      out = digits + std::string(size_t(exponent + 1 - count), '0');
    else
      out = digits.substr(0, size_t(exponent) + 1) + "." + digits.substr(size_t(exponent) + 1);
  } else if (exponent < 0 && exponent >= -6) {
    out = "0." + std::string(size_t(-exponent - 1), '0') + digits;
  } else {
    out =
        digits.substr(0, 1) + (count > 1 ? "." + digits.substr(1) : "") + (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
  }
  return number < 0 ? "-" + out : out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

/// JavaScript's Number(); nullopt for NaN.
std::optional<double> number_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return 0;
    case json::kind::bool_:
      return value.get_bool() ? 1 : 0;
    case json::kind::int64:
      return double(value.get_int64());
    case json::kind::uint64:
      return double(value.get_uint64());
    case json::kind::double_:
      return value.get_double();
    case json::kind::string: {
      std::string_view text = trimmed(std::string_view(value.get_string()));
      if (text.empty()) return 0;
      if (text.front() == '+') text.remove_prefix(1);
      double number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc{} || end != text.data() + text.size() || std::isalpha(static_cast<unsigned char>(text.back())))
        return std::nullopt;
      return number;
    }
    case json::kind::array:
    case json::kind::object:
      return std::nullopt;
  }
  return std::nullopt;
}

bool is_empty(const json::value& value) {
  if (const auto* s = value.if_string()) return s->empty();
  if (const auto* a = value.if_array()) return a->empty();
  if (const auto* o = value.if_object()) return o->empty();
  return false;
}

bool is_blank(const json::value& value) {
  if (value.is_null()) return true;
  if (value.is_bool()) return !value.get_bool();
  if (const auto* s = value.if_string()) return trimmed(std::string_view(*s)).empty();
  return is_empty(value);
}

}  // namespace

const json::value& Value::nil() {
  static const json::value value(nullptr);
  return value;
}

bool is_true(const json::value& value) { return !value.is_null() && !(value.is_bool() && !value.get_bool()); }

std::string to_text(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "";
    case json::kind::bool_:
      return value.get_bool() ? "true" : "false";
    case json::kind::int64:
      return std::to_string(value.get_int64());
    case json::kind::uint64:
      return std::to_string(value.get_uint64());
    case json::kind::double_:
      return number_text(value.get_double());
    case json::kind::string:
      return std::string(std::string_view(value.get_string()));
    case json::kind::array: {
      std::string out;
      for (const json::value& item : value.get_array()) out += to_text(item);
      return out;
    }
    case json::kind::object:
      return "[object Object]";
  }
  return "";
}

double to_number(const json::value& value) { return number_of(value).value_or(0); }

int64_t to_integer(const json::value& value) {
  const double number = std::trunc(to_number(value));
  if (std::isnan(number)) return 0;
  return int64_t(std::clamp(number, -1e9, 1e9));
}

json::value from_number(double number) {
  if (number == std::trunc(number) && std::fabs(number) < 9007199254740992.0) return int64_t(number);
  return number;
}

std::string to_json(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::double_:
      return std::isfinite(value.get_double()) ? number_text(value.get_double()) : "null";
    case json::kind::array: {
      std::string out = "[";
      for (const json::value& item : value.get_array()) out += (out.size() > 1 ? "," : "") + to_json(item);
      return out + "]";
    }
    case json::kind::object: {
      std::string out = "{";
      for (const auto& [name, member] : value.get_object()) {
        if (out.size() > 1) out += ',';
        out += json::serialize(json::string(name)) + ":" + to_json(member);
      }
      return out + "}";
    }
    default:
      return json::serialize(value);
  }
}

size_t weight(const json::value& value) {
  size_t sum = 16;
  if (const auto* s = value.if_string()) sum += s->size();
  if (const auto* a = value.if_array())
    for (const json::value& item : *a) sum += weight(item);
  if (const auto* o = value.if_object())
    for (const auto& [name, member] : *o) sum += name.size() + weight(member);
  return sum;
}

bool equal(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number()) return to_number(a) == to_number(b);
  if (a.kind() != b.kind()) return false;
  if (const auto* left = a.if_array()) {
    const auto& right = b.get_array();
    return std::equal(left->begin(), left->end(), right.begin(), right.end(),
                      [](const json::value& x, const json::value& y) { return equal(x, y); });
  }
  return a == b;
}

std::optional<int> compare(const json::value& a, const json::value& b) {
  if (a.is_null() || b.is_null() || a.is_structured() || b.is_structured()) return std::nullopt;
  if (a.is_string() && b.is_string()) return std::clamp(std::string_view(a.get_string()).compare(std::string_view(b.get_string())), -1, 1);
  const auto left = number_of(a), right = number_of(b);
  if (!left || !right || std::isnan(*left) || std::isnan(*right)) return std::nullopt;
  return *left < *right ? -1 : *left > *right ? 1 : 0;
}

bool equal(const Value& a, const Value& b) {
  if (a.kind() != Value::Kind::plain && b.kind() != Value::Kind::plain) return a.kind() == b.kind();
  if (a.kind() == Value::Kind::empty) return is_empty(b.get());
  if (b.kind() == Value::Kind::empty) return is_empty(a.get());
  if (a.kind() == Value::Kind::blank) return is_blank(b.get());
  if (b.kind() == Value::Kind::blank) return is_blank(a.get());
  return equal(a.get(), b.get());
}

size_t utf8_length(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0xc2 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 1;
}

size_t text_length(std::string_view text) {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); i += utf8_length(text[i])) ++count;
  return count;
}

}  // namespace gatehouse::liquid
