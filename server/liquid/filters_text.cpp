#include "liquid/filters.h"

namespace gatehouse::liquid {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";

Result<Value> text(std::string out) { return Value::text(out); }

/// Maps letters of Latin-1, Latin Extended-A, Greek and Cyrillic; the rest of Unicode is left as it is.
char32_t upper(char32_t c) {
  if (c < 0x80) return c >= 'a' && c <= 'z' ? c - 32 : c;
  if ((c >= 0xe0 && c <= 0xfe && c != 0xf7) || (c >= 0x3b1 && c <= 0x3cb && c != 0x3c2) || (c >= 0x430 && c <= 0x44f)) return c - 32;
  if ((c >= 0x100 && c <= 0x137 && c != 0x131) || (c >= 0x14a && c <= 0x177)) return c & ~char32_t(1);
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) return c % 2 == 0 ? c - 1 : c;
  if (c >= 0x450 && c <= 0x45f) return c - 80;
  return c;
}

char32_t lower(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3ab && c != 0x3a2) || (c >= 0x410 && c <= 0x42f)) return c + 32;
  if ((c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14a && c <= 0x177)) return c | 1;
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) return c % 2 == 1 ? c + 1 : c;
  if (c >= 0x400 && c <= 0x40f) return c + 80;
  return c;
}

template <class F>
std::string map_letters(std::string_view in, F&& change) {
  std::string out;
  out.reserve(in.size());
  for (size_t i = 0, n; i < in.size(); i += n) {
    n = std::min(utf8_length(in[i]), in.size() - i);
    if (n == 1) {
      const auto byte = static_cast<unsigned char>(in[i]);
      out += byte < 0x80 ? char(change(byte, i)) : in[i];
    } else if (n == 2) {
      const char32_t c = change(char32_t((in[i] & 0x1f) << 6 | (in[i + 1] & 0x3f)), i);
      out += char(0xc0 | c >> 6);
      out += char(0x80 | (c & 0x3f));
    } else {
      out += in.substr(i, n);
    }
  }
  return out;
}

/// Where code point number `count` begins; the size when there are fewer.
size_t position(std::string_view in, size_t count) {
  size_t i = 0;
  for (; count > 0 && i < in.size(); --count) i += utf8_length(in[i]);
  return std::min(i, in.size());
}

std::string trimmed(std::string_view in, std::string_view what, bool left, bool right) {
  if (left) in.remove_prefix(std::min(in.find_first_not_of(what), in.size()));
  if (right) in = in.substr(0, in.find_last_not_of(what) + 1);
  return std::string(in);
}

/// Characters to strip: those given, else white space.
std::string strip_set(const Arguments& a) { return a.has(0) && !a.text(0).empty() ? a.text(0) : std::string(kSpace); }

enum class Which { first, last, all };

Result<Value> replaced(const std::string& in, const std::string& what, const std::string& by, Which which, Scope& scope) {
  if (which == Which::last) {
    const size_t at = in.rfind(what);
    return text(at == std::string::npos ? in : in.substr(0, at) + by + in.substr(at + what.size()));
  }
  if (what.empty() && which == Which::first) return text(by + in);
  std::string out;
  for (size_t i = 0; i <= in.size();) {
    // An empty pattern stands between all characters.
    const size_t at = what.empty() ? (i < in.size() ? i + utf8_length(in[i]) : in.size()) : in.find(what, i);
    if (at >= in.size()) {
      out += in.substr(i);
      break;
    }
    out += in.substr(i, at - i);
    out += by;
    TRY_VOID(scope.check_size(out.size()));
    i = at + what.size();
    if (which == Which::first) {
      out += in.substr(i);
      break;
    }
  }
  return text(out);
}

Result<Value> append(const Value& v, const Arguments& a, Scope& scope) {
  const std::string out = to_text(v.get()) + a.text(0);
  TRY_VOID(scope.check_size(out.size()));
  return text(out);
}

Result<Value> prepend(const Value& v, const Arguments& a, Scope& scope) {
  const std::string out = a.text(0) + to_text(v.get());
  TRY_VOID(scope.check_size(out.size()));
  return text(out);
}

Result<Value> upcase(const Value& v, const Arguments&, Scope&) {
  return text(map_letters(to_text(v.get()), [](char32_t c, size_t) { return upper(c); }));
}

Result<Value> downcase(const Value& v, const Arguments&, Scope&) {
  return text(map_letters(to_text(v.get()), [](char32_t c, size_t) { return lower(c); }));
}

Result<Value> capitalize(const Value& v, const Arguments&, Scope&) {
  return text(map_letters(to_text(v.get()), [](char32_t c, size_t at) { return at == 0 ? upper(c) : lower(c); }));
}

Result<Value> strip(const Value& v, const Arguments& a, Scope&) { return text(trimmed(to_text(v.get()), strip_set(a), true, true)); }
Result<Value> lstrip(const Value& v, const Arguments& a, Scope&) { return text(trimmed(to_text(v.get()), strip_set(a), true, false)); }
Result<Value> rstrip(const Value& v, const Arguments& a, Scope&) { return text(trimmed(to_text(v.get()), strip_set(a), false, true)); }

Result<Value> strip_newlines(const Value& v, const Arguments&, Scope&) {
  const std::string in = to_text(v.get());
  std::string out;
  for (size_t i = 0; i < in.size(); ++i)
    if (in[i] != '\n' && in.substr(i, 2) != "\r\n") out += in[i];
  return text(out);
}

Result<Value> replace(const Value& v, const Arguments& a, Scope& s) {
  return replaced(to_text(v.get()), a.text(0), a.text(1), Which::all, s);
}
Result<Value> replace_first(const Value& v, const Arguments& a, Scope& s) {
  return replaced(to_text(v.get()), a.text(0), a.text(1), Which::first, s);
}
Result<Value> replace_last(const Value& v, const Arguments& a, Scope& s) {
  return replaced(to_text(v.get()), a.text(0), a.text(1), Which::last, s);
}
Result<Value> remove(const Value& v, const Arguments& a, Scope& s) { return replaced(to_text(v.get()), a.text(0), "", Which::all, s); }
Result<Value> remove_first(const Value& v, const Arguments& a, Scope& s) {
  return replaced(to_text(v.get()), a.text(0), "", Which::first, s);
}
Result<Value> remove_last(const Value& v, const Arguments& a, Scope& s) {
  return replaced(to_text(v.get()), a.text(0), "", Which::last, s);
}

Result<Value> truncate(const Value& v, const Arguments& a, Scope&) {
  const std::string in = to_text(v.get());
  const auto length = a.has(0) ? to_integer(a.at(0)) : 50;
  const std::string mark = a.has(1) ? a.text(1) : "...";
  if (int64_t(text_length(in)) <= length) return text(in);
  const int64_t kept = std::max<int64_t>(length - int64_t(text_length(mark)), 0);
  return text(in.substr(0, position(in, size_t(kept))) + mark);
}

Result<Value> truncatewords(const Value& v, const Arguments& a, Scope&) {
  const std::string in = to_text(v.get());
  const auto limit = size_t(std::max<int64_t>(a.has(0) ? to_integer(a.at(0)) : 15, 1));
  const std::string mark = a.has(1) ? a.text(1) : "...";
  std::string out;
  size_t words = 0;
  for (size_t i = 0; i <= in.size();) {
    const size_t end = std::min(in.find_first_of(kSpace, i), in.size());
    if (words > 0) out += ' ';
    out += in.substr(i, end - i);
    if (++words == limit) return text(out + mark);
    if (end == in.size()) break;
    i = std::min(in.find_first_not_of(kSpace, end), in.size());
  }
  return text(out);
}

Result<Value> split(const Value& v, const Arguments& a, Scope& scope) {
  const std::string in = to_text(v.get()), by = a.text(0);
  TRY_VOID(scope.spend(in.size() * 16));  // every piece costs a value
  json::array out;
  if (by.empty()) {
    for (size_t i = 0, n; i < in.size(); i += n) {
      n = std::min(utf8_length(in[i]), in.size() - i);
      out.push_back(json::string(std::string_view(in).substr(i, n)));
    }
  } else {
    for (size_t i = 0;;) {
      const size_t at = in.find(by, i);
      out.push_back(json::string(std::string_view(in).substr(i, at == std::string::npos ? at : at - i)));
      if (at == std::string::npos) break;
      i = at + by.size();
    }
  }
  while (!out.empty() && out.back().get_string().empty()) out.pop_back();
  return Value(std::move(out));
}

Result<Value> slice(const Value& v, const Arguments& a, Scope&) {
  int64_t begin = to_integer(a.at(0));
  const int64_t length = a.has(1) ? to_integer(a.at(1)) : 1;
  if (v.get().is_null()) return Value(json::array{});
  if (const auto* items = v.get().if_array()) {
    if (begin < 0) begin += int64_t(items->size());
    json::array out;
    for (int64_t i = begin; i < begin + length && i < int64_t(items->size()); ++i)
      if (i >= 0) out.push_back((*items)[size_t(i)]);
    return Value(std::move(out));
  }
  const std::string in = to_text(v.get());
  const auto size = int64_t(text_length(in));
  if (begin < 0) begin += size;
  if (begin < 0 || length <= 0) return text("");
  const size_t from = position(in, size_t(begin));
  return text(in.substr(from, position(std::string_view(in).substr(from), size_t(length))));
}

constexpr FilterEntry kFilters[] = {
    {"append", append},
    {"capitalize", capitalize},
    {"downcase", downcase},
    {"lstrip", lstrip},
    {"prepend", prepend},
    {"remove", remove},
    {"remove_first", remove_first},
    {"remove_last", remove_last},
    {"replace", replace},
    {"replace_first", replace_first},
    {"replace_last", replace_last},
    {"rstrip", rstrip},
    {"slice", slice},
    {"split", split},
    {"strip", strip},
    {"strip_newlines", strip_newlines},
    {"truncate", truncate},
    {"truncatewords", truncatewords},
    {"upcase", upcase},
};

}  // namespace

std::span<const FilterEntry> text_filters() { return kFilters; }

}  // namespace gatehouse::liquid
