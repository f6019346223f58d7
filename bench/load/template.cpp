#include "template.h"

#include <stdexcept>

namespace bench {
namespace {

void append_form_encoded(std::string& out, std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  for (const unsigned char c : text) {
    if (std::isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += static_cast<char>(c);
    } else {
      out += '%';
      out += digits[c >> 4];
      out += digits[c & 15];
    }
  }
}

std::string_view path_of(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return url;
  const size_t slash = url.find('/', scheme + 3);
  return slash == std::string_view::npos ? "/" : url.substr(slash);
}

}  // namespace

Template::Template(std::string_view text) {
  while (!text.empty()) {
    const size_t open = text.find("{{");
    if (open != 0) pieces_.push_back({Kind::literal, std::string(text.substr(0, open))});
    if (open == std::string_view::npos) return;
    const size_t close = text.find("}}", open);
    if (close == std::string_view::npos) throw std::runtime_error("a template's {{ has no }}");
    const std::string_view inside = text.substr(open + 2, close - open - 2);
    const size_t bar = inside.find('|');
    const std::string_view filter = bar == std::string_view::npos ? "" : inside.substr(bar + 1);
    const Kind kind = filter == "form" ? Kind::form : filter == "path" ? Kind::path : Kind::raw;
    pieces_.push_back({kind, std::string(inside.substr(0, bar))});
    text.remove_prefix(close + 2);
  }
}

void Template::render(std::string& out, const Variables& variables) const {
  for (const Piece& piece : pieces_) {
    if (piece.kind == Kind::literal) {
      out += piece.text;
      continue;
    }
    const auto found = variables.find(piece.text);
    if (found == variables.end()) continue;
    if (piece.kind == Kind::raw) out += found->second;
    if (piece.kind == Kind::form) append_form_encoded(out, found->second);
    if (piece.kind == Kind::path) out += path_of(found->second);
  }
}

}  // namespace bench
