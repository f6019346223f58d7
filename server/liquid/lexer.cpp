#include "liquid/lexer.h"

#include <algorithm>

namespace gatehouse::liquid {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";

std::string_view trim_left(std::string_view text) { return text.substr(std::min(text.find_first_not_of(kSpace), text.size())); }
std::string_view trim_right(std::string_view text) { return text.substr(0, text.find_last_not_of(kSpace) + 1); }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == ':' || c == '-'; }

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  Result<std::vector<Token>> run() {
    while (at_ < source_.size()) {
      const size_t open = next_open(at_);
      add_text(source_.substr(at_, open - at_), open < source_.size() && source_.substr(open + 2, 1) == "-");
      if (open >= source_.size()) break;
      TRY(const Token token, delimited(open));
      if (token.kind == Token::Kind::tag && (token.name() == "raw" || token.name() == "comment")) {
        TRY_VOID(skip_block(token));
      } else if (!(token.kind == Token::Kind::tag && token.text.starts_with('#'))) {
        tokens_.push_back(token);
      }
    }
    return std::move(tokens_);
  }

 private:
  size_t next_open(size_t from) const {
    for (size_t i = source_.find('{', from); i != std::string_view::npos; i = source_.find('{', i + 1))
      if (i + 1 < source_.size() && (source_[i + 1] == '{' || source_[i + 1] == '%')) return i;
    return source_.size();
  }

  void add_text(std::string_view text, bool trim_end) {
    const size_t line = line_;
    line_ += size_t(std::count(text.begin(), text.end(), '\n'));
    if (std::exchange(trim_next_, false)) text = trim_left(text);
    if (trim_end) text = trim_right(text);
    if (!text.empty()) tokens_.push_back({Token::Kind::text, text, line});
  }

  /// One {{ … }} or {% … %} from its opening; a closing delimiter inside quotes does not close.
  Result<Token> delimited(size_t open) {
    const bool output = source_[open + 1] == '{';
    const size_t begin = open + 2 + (source_.substr(open + 2, 1) == "-" ? 1 : 0);
    const bool remark = trim_left(source_.substr(begin)).starts_with('#');
    const std::string_view closing = output ? "}}" : "%}";
    char quote = 0;
    for (size_t i = begin; i < source_.size(); ++i) {
      const char c = source_[i];
      if (quote) {
        if (c == '\\')
          ++i;
        else if (c == quote)
          quote = 0;
      } else if ((c == '"' || c == '\'') && !remark) {
        quote = c;
      } else if (source_.substr(i, 2) == closing) {
        const bool dash = i > begin && source_[i - 1] == '-';
        const Token token{output ? Token::Kind::output : Token::Kind::tag,
                          trim_left(trim_right(source_.substr(begin, i - begin - (dash ? 1 : 0)))), line_};
        line_ += size_t(std::count(source_.begin() + ptrdiff_t(open), source_.begin() + ptrdiff_t(i), '\n'));
        trim_next_ = dash;
        at_ = i + 2;
        return token;
      }
    }
    return template_error(line_, output ? "{{ is not closed" : "{% is not closed");
  }

  /// After {% raw %} or {% comment %}: up to its end tag, whatever stands between.
  Result<void> skip_block(const Token& opening) {
    const std::string end = "end" + std::string(opening.name());
    for (size_t i = source_.find("{%", at_); i != std::string_view::npos; i = source_.find("{%", i + 2)) {
      const bool dash = source_.substr(i + 2, 1) == "-";
      std::string_view rest = trim_left(source_.substr(i + 2 + (dash ? 1 : 0)));
      if (!rest.starts_with(end)) continue;
      rest = trim_left(rest.substr(end.size()));
      const bool dash_after = rest.starts_with("-%}");
      if (!dash_after && !rest.starts_with("%}")) continue;
      const std::string_view inside = source_.substr(at_, i - at_);
      if (opening.name() == "raw") {
        add_text(inside, dash);
      } else {
        line_ += size_t(std::count(inside.begin(), inside.end(), '\n'));
      }
      const size_t after = size_t(rest.data() - source_.data()) + (dash_after ? 3 : 2);
      line_ += size_t(std::count(source_.begin() + ptrdiff_t(i), source_.begin() + ptrdiff_t(after), '\n'));
      trim_next_ = dash_after;
      at_ = after;
      return {};
    }
    return template_error(opening.line, "'" + std::string(opening.name()) + "' is not closed");
  }

  std::string_view source_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  size_t line_ = 1;
  bool trim_next_ = false;
};

}  // namespace

std::string_view Token::name() const {
  size_t n = 0;
  while (n < text.size() && is_word(text[n])) ++n;
  return text.substr(0, n);
}

std::string_view Token::rest() const { return trim_left(text.substr(name().size())); }

Result<std::vector<Token>> tokenize(std::string_view source) { return Lexer(source).run(); }

Error template_error(size_t line, std::string_view what) {
  return Error{Errc::invalid_argument, "Line " + std::to_string(line) + ": " + std::string(what)};
}

}  // namespace gatehouse::liquid
