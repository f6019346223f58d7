#include "messaging/html_text.h"

#include <charconv>

#include "base/encoding.h"

namespace gatehouse::messaging {
namespace {

void append_code_point(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += char(c);
  } else if (c < 0x800) {
    out += char(0xc0 | c >> 6);
    out += char(0x80 | (c & 63));
  } else if (c < 0x10000) {
    out += char(0xe0 | c >> 12);
    out += char(0x80 | (c >> 6 & 63));
    out += char(0x80 | (c & 63));
  } else {
    out += char(0xf0 | c >> 18);
    out += char(0x80 | (c >> 12 & 63));
    out += char(0x80 | (c >> 6 & 63));
    out += char(0x80 | (c & 63));
  }
}

/// Numeric references and the names that occur in mails.
std::string decode_entities(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"amp", "&"},   {"lt", "<"},     {"gt", ">"},    {"quot", "\""}, {"apos", "'"},   {"nbsp", " "},
      {"copy", "©"},  {"middot", "·"}, {"mdash", "—"}, {"ndash", "–"}, {"hellip", "…"}, {"rsquo", "’"},
      {"lsquo", "‘"}, {"ldquo", "“"},  {"rdquo", "”"}, {"zwnj", ""},   {"shy", ""}};
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t end = text[i] == '&' ? text.substr(i, 12).find(';') : std::string_view::npos;
    if (end == std::string_view::npos) {
      out += text[i];
      continue;
    }
    std::string_view name = text.substr(i + 1, end - 1);
    bool known = false;
    if (name.starts_with('#')) {
      name.remove_prefix(1);
      const bool hex = name.starts_with('x') || name.starts_with('X');
      if (hex) name.remove_prefix(1);
      uint32_t code = 0;
      const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), code, hex ? 16 : 10);
      known = error == std::errc{} && stop == name.data() + name.size() && code > 0 && code < 0x110000 && (code < 0xd800 || code > 0xdfff);
      if (known) append_code_point(out, code);
    } else {
      for (const auto& [known_name, character] : names) {
        if (known_name != name) continue;
        out += character;
        known = true;
      }
    }
    if (known)
      i += end;
    else
      out += text[i];
  }
  return out;
}

/// The value of an attribute inside a tag's text.
std::string attribute(std::string_view tag, std::string_view name) {
  const std::string lower = to_lower_ascii(tag);
  for (size_t i = lower.find(name); i != std::string::npos; i = lower.find(name, i + 1)) {
    if (i == 0 || !std::isspace(static_cast<unsigned char>(lower[i - 1]))) continue;
    size_t at = i + name.size();
    while (at < tag.size() && std::isspace(static_cast<unsigned char>(tag[at]))) ++at;
    if (at >= tag.size() || tag[at] != '=') continue;
    ++at;
    while (at < tag.size() && std::isspace(static_cast<unsigned char>(tag[at]))) ++at;
    if (at >= tag.size()) return "";
    if (tag[at] == '"' || tag[at] == '\'') return decode_entities(tag.substr(at + 1, tag.find(tag[at], at + 1) - at - 1));
    return decode_entities(tag.substr(at, tag.find_first_of(" \t\r\n", at) - at));
  }
  return "";
}

class Writer {
 public:
  void text(std::string_view raw) {
    for (const char c : decode_entities(raw)) {
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
        blank_ = true;
      else
        put(c);
    }
  }
  void line() { lines_ = std::max(lines_, 1); }
  void paragraph() { lines_ = std::max(lines_, 2); }
  void literal(std::string_view text) {
    for (const char c : text) put(c);
  }
  [[nodiscard]] size_t size() const { return out_.size(); }
  [[nodiscard]] std::string_view since(size_t begin) const { return std::string_view(out_).substr(std::min(begin, out_.size())); }
  void space() { blank_ = true; }
  std::string take() { return out_.empty() ? out_ : out_ + "\n"; }

 private:
  void put(char c) {
    if (out_.empty()) lines_ = 0, blank_ = false;
    if (lines_ > 0) {
      out_.append(size_t(lines_), '\n');
    } else if (blank_) {
      out_ += ' ';
    }
    lines_ = 0;
    blank_ = false;
    out_ += c;
  }
  std::string out_;
  int lines_ = 0;
  bool blank_ = false;
};

}  // namespace

std::string html_to_text(std::string_view html) {
  static constexpr std::string_view skipped[] = {"style", "script", "head", "title"};
  static constexpr std::string_view paragraphs[] = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote", "hr"};
  static constexpr std::string_view lines[] = {"div", "tr", "br", "li", "section", "header", "footer", "center", "td"};
  Writer out;
  std::string link;
  size_t link_begin = 0;
  for (size_t i = 0; i < html.size();) {
    if (html[i] != '<') {
      const size_t end = std::min(html.find('<', i), html.size());
      out.text(html.substr(i, end - i));
      i = end;
      continue;
    }
    if (html.substr(i, 4) == "<!--") {
      const size_t end = html.find("-->", i);
      i = end == std::string_view::npos ? html.size() : end + 3;
      continue;
    }
    const size_t end = html.find('>', i);
    if (end == std::string_view::npos) break;
    const std::string_view tag = html.substr(i + 1, end - i - 1);
    i = end + 1;
    const bool closing = tag.starts_with('/');
    const std::string_view rest = tag.substr(closing ? 1 : 0);
    const std::string name = to_lower_ascii(rest.substr(0, rest.find_first_of(" \t\r\n/")));
    const auto among = [&](const auto& list) { return std::find(std::begin(list), std::end(list), name) != std::end(list); };
    const bool html_only = !closing && name == "p" && rest.find(" data-html-only") != std::string_view::npos;
    if ((!closing && among(skipped)) || html_only) {
      const std::string wanted = "</" + name;
      while (i < html.size() && to_lower_ascii(html.substr(i, wanted.size())) != wanted) i = std::min(html.find('<', i + 1), html.size());
    } else if (among(paragraphs)) {
      out.paragraph();
    } else if (among(lines)) {
      out.line();
      if (name == "li" && !closing) out.literal("- ");
    } else if (name == "img") {
      out.text(attribute(tag, "alt"));
    } else if (name == "a" && !closing) {
      link = attribute(tag, "href");
      link_begin = out.size();
    } else if (name == "a") {
      const bool same = out.since(link_begin).find(link) != std::string_view::npos;
      if (!link.empty() && !same && !link.starts_with("mailto:") && !link.starts_with('#')) {
        out.line();
        out.literal(link);
        out.line();
      }
      link.clear();
    }
  }
  return out.take();
}

}  // namespace gatehouse::messaging
