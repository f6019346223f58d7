#include "base/encoding.h"
#include "liquid/filters.h"

namespace gatehouse::liquid {
namespace {

bool is_entity_name(std::string_view name) {
  if (name.starts_with('#')) {
    name.remove_prefix(1);
    const bool hex = name.starts_with('x') || name.starts_with('X');
    if (hex) name.remove_prefix(1);
    return !name.empty() &&
           std::all_of(name.begin(), name.end(), [&](unsigned char c) { return hex ? std::isxdigit(c) : std::isdigit(c); });
  }
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c); });
}

/// Escapes, but leaves entities that are there already.
std::string escape_rest(std::string_view in) {
  std::string out;
  for (size_t i = 0; i < in.size(); ++i) {
    if (in[i] == '&') {
      const size_t end = in.substr(i, 12).find(';');
      if (end != std::string_view::npos && is_entity_name(in.substr(i + 1, end - 1))) {
        out += '&';
        continue;
      }
    }
    out += escape_html(in.substr(i, 1));
  }
  return out;
}

/// The same text with `escape` in it twice must not be escaped twice: what is markup already stays as it is.
Result<Value> escape(const Value& v, const Arguments&, Scope&) {
  const std::string in = to_text(v.get());
  return Value::text(v.safe() ? in : escape_html(in), true);
}

Result<Value> escape_once(const Value& v, const Arguments&, Scope&) { return Value::text(escape_rest(to_text(v.get())), true); }

Result<Value> raw(const Value& v, const Arguments&, Scope&) { return Value::text(to_text(v.get()), true); }

/// Makes markup, so that where output is escaped its input has to be escaped first.
Result<Value> newline_to_br(const Value& v, const Arguments&, Scope& scope) {
  std::string in = to_text(v.get());
  if (scope.options().escape && !v.safe()) in = escape_html(in);
  std::string out;
  for (size_t i = 0; i < in.size(); ++i) {
    if (in[i] == '\r' && in.substr(i, 2) == "\r\n") continue;
    out += in[i] == '\n' ? "<br />\n" : in.substr(i, 1);
  }
  return Value::text(out, scope.options().escape);
}

/// Takes out scripts and styles with what they hold, comments, and tags.
Result<Value> strip_html(const Value& v, const Arguments&, Scope& scope) {
  const std::string in = to_text(v.get());
  const std::string_view all = in;
  static constexpr std::pair<std::string_view, std::string_view> blocks[] = {
      {"<script", "</script>"}, {"<style", "</style>"}, {"<!--", "-->"}};
  std::string out;
  for (size_t i = 0; i < all.size();) {
    if (all[i] != '<') {
      out += all[i++];
      continue;
    }
    TRY_VOID(scope.spend(all.size() - i));  // each search may run to the end
    size_t end = std::string_view::npos;
    for (const auto& [opening, closing] : blocks)
      if (end == std::string_view::npos && all.substr(i).starts_with(opening))
        if (const size_t found = all.find(closing, i); found != std::string_view::npos) end = found + closing.size();
    if (end == std::string_view::npos)
      if (const size_t found = all.find('>', i); found != std::string_view::npos) end = found + 1;
    if (end == std::string_view::npos) {
      out += all[i++];
    } else {
      i = end;
    }
  }
  return Value::text(out);
}

Result<Value> url_encode(const Value& v, const Arguments&, Scope&) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : to_text(v.get())) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || std::string_view("-_.!~*'()").find(c) != std::string_view::npos)
      out += c;
    else if (c == ' ')
      out += '+';
    else {
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  return Value::text(out);
}

/// What cannot be decoded stays as it is.
Result<Value> url_decode(const Value& v, const Arguments&, Scope&) {
  const std::string in = to_text(v.get());
  std::string out;
  for (size_t i = 0; i < in.size(); ++i) {
    if (in[i] == '+') {
      out += ' ';
      continue;
    }
    if (in[i] == '%')
      if (const auto byte = hex_decode(std::string_view(in).substr(i + 1, 2)); byte && byte->size() == 1) {
        out += *byte;
        i += 2;
        continue;
      }
    out += in[i];
  }
  return Value::text(is_valid_utf8(out) ? out : in);
}

Result<Value> to_base64(const Value& v, const Arguments&, Scope&) { return Value::text(base64_encode(to_text(v.get()))); }

Result<Value> from_base64(const Value& v, const Arguments&, Scope&) {
  const auto bytes = base64_decode(to_text(v.get()));
  return Value::text(bytes && is_valid_utf8(*bytes) ? *bytes : "");
}

/// A script that holds the answer must not end early: < and the line separators of JavaScript become escapes.
Result<Value> json_text(const Value& v, const Arguments&, Scope& scope) {
  const std::string in = to_json(v.get());
  if (!scope.options().escape) return Value::text(in);
  std::string out;
  for (size_t i = 0; i < in.size(); ++i) {
    const std::string_view rest = std::string_view(in).substr(i, 3);
    if (in[i] == '<')
      out += "\\u003c";
    else if (rest == "\u2028" || rest == "\u2029") {
      out += rest == "\u2028" ? "\\u2028" : "\\u2029";
      i += 2;
    } else
      out += in[i];
  }
  return Value::text(out);
}

constexpr FilterEntry kFilters[] = {
    {"base64_decode", from_base64},
    {"base64_encode", to_base64},
    {"escape", escape},
    {"escape_once", escape_once},
    {"json", json_text},
    {"newline_to_br", newline_to_br},
    {"raw", raw},
    {"strip_html", strip_html},
    {"url_decode", url_decode},
    {"url_encode", url_encode},
};

}  // namespace

std::span<const FilterEntry> markup_filters() { return kFilters; }

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace gatehouse::liquid
