#pragma once
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

#include "base/json.h"

namespace gatehouse {

/// Appends a text as a JSON string, quoted and escaped as json::serialize() does it. `text` is UTF-8.
void append_json(std::string& out, std::string_view text);
void append_json(std::string& out, const json::value& value);

/// Writes a JSON object as text, member by member: for what is said on every request (tokens, their answers, log lines), where a tree
/// would cost more than everything else. Members keep their order; a name must not be written twice.
class JsonObjectText {
 public:
  /// Appends to `out`, which must outlive this. `{` now, `}` by close().
  explicit JsonObjectText(std::string& out) : out_(out) { out_ += '{'; }
  template <class T>
  JsonObjectText& add(std::string_view name, const T& value) {
    append_name(name);
    if constexpr (std::same_as<T, bool>) {
      out_ += value ? "true" : "false";
    } else if constexpr (std::integral<T>) {
      char digits[24];
      out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
      append_json(out_, std::string_view(value));
    } else {
      append_json(out_, value);
    }
    return *this;
  }
  /// A list of texts.
  template <class Texts>
  JsonObjectText& add_list(std::string_view name, const Texts& texts) {
    append_name(name);
    out_ += '[';
    for (const auto& text : texts) {
      if (out_.back() != '[') out_ += ',';
      append_json(out_, std::string_view(text));
    }
    out_ += ']';
    return *this;
  }
  void close() { out_ += '}'; }

 private:
  void append_name(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    append_json(out_, name);
    out_ += ':';
  }
  std::string& out_;
};

}  // namespace gatehouse
