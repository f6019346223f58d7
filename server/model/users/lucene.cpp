#include "model/users/lucene.h"

namespace gatehouse::model::lucene {
namespace {

using Pointer = std::unique_ptr<Node>;

Pointer make(Node::Kind kind) {
  auto node = std::make_unique<Node>();
  node->kind = kind;
  return node;
}

/// Recursive descent; positions in messages count from 1.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Pointer> parse() {
    TRY(Pointer node, disjunction("", 0));
    blanks();
    if (at_ < text_.size()) return fail("unexpected '" + std::string(1, text_[at_]) + "'");
    return node;
  }

 private:
  Error fail(const std::string& what) const { return {Errc::invalid_argument, what + " at position " + std::to_string(at_ + 1)}; }
  void blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }
  [[nodiscard]] bool done() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return done() ? '\0' : text_[at_]; }

  /// A word operator, only where a word ends.
  bool take_word(std::string_view word) {
    blanks();
    if (!text_.substr(at_).starts_with(word)) return false;
    const size_t end = at_ + word.size();
    if (end < text_.size() && text_[end] != ' ' && text_[end] != '(' && text_[end] != '"' && text_[end] != '\t') return false;
    at_ = end;
    return true;
  }
  bool take(std::string_view symbol) {
    blanks();
    if (!text_.substr(at_).starts_with(symbol)) return false;
    at_ += symbol.size();
    return true;
  }

  Result<Pointer> disjunction(const std::string& field, int depth) {
    if (depth > 20) return fail("too many levels of nesting");
    Pointer any = make(Node::Kind::any_of);
    for (;;) {
      TRY(Pointer node, conjunction(field, depth));
      any->children.push_back(std::move(node));
      if (take_word("OR") || take("||")) continue;
      blanks();
      if (done() || peek() == ')') break;  // else: two terms side by side, joined by OR
    }
    return any->children.size() == 1 ? std::move(any->children.front()) : std::move(any);
  }

  Result<Pointer> conjunction(const std::string& field, int depth) {
    Pointer all = make(Node::Kind::all_of);
    do {
      TRY(Pointer node, negation(field, depth));
      all->children.push_back(std::move(node));
    } while (take_word("AND") || take("&&"));
    return all->children.size() == 1 ? std::move(all->children.front()) : std::move(all);
  }

  Result<Pointer> negation(const std::string& field, int depth) {
    if (depth > 20) return fail("too many levels of nesting");
    if (take_word("NOT") || take("!") || take("-")) {
      Pointer none = make(Node::Kind::none_of);
      TRY(Pointer node, negation(field, depth + 1));
      none->children.push_back(std::move(node));
      return none;
    }
    take("+");
    return primary(field, depth);
  }

  Result<Pointer> primary(const std::string& field, int depth) {
    blanks();
    if (done()) return fail("a term is missing");
    if (take("(")) {
      TRY(Pointer node, disjunction(field, depth + 1));
      if (!take(")")) return fail("a closing parenthesis is missing");
      return node;
    }
    if (++terms_ > 100) return fail("too many terms");
    if (peek() == '[' || peek() == '{') return range(field);
    if (peek() == '"') return phrase(field);
    TRY(std::vector<std::string> pieces, word());
    if (peek() == ':' && field.empty()) {
      if (pieces.size() != 1 || pieces.front().empty()) return fail("a field name has no wildcards");
      ++at_;
      const std::string name = std::move(pieces.front());
      if (name == "_exists_") {
        TRY(std::vector<std::string> wanted, word());
        if (wanted.size() != 1 || wanted.front().empty()) return fail("_exists_ takes a field name");
        Pointer node = make(Node::Kind::exists);
        node->field = std::move(wanted.front());
        return node;
      }
      blanks();
      return value(name, depth);
    }
    Pointer node = make(Node::Kind::term);
    node->field = field;
    node->pieces = std::move(pieces);
    return node;
  }

  /// What stands behind `field:`.
  Result<Pointer> value(const std::string& field, int depth) {
    if (done()) return fail("a value is missing");
    if (take("(")) {
      TRY(Pointer node, disjunction(field, depth + 1));
      if (!take(")")) return fail("a closing parenthesis is missing");
      return node;
    }
    if (peek() == '[' || peek() == '{') return range(field);
    if (peek() == '"') return phrase(field);
    if (peek() == '>' || peek() == '<') return comparison(field);
    TRY(std::vector<std::string> pieces, word());
    Pointer node = make(Node::Kind::term);
    node->field = field;
    node->pieces = std::move(pieces);
    return node;
  }

  Result<Pointer> phrase(const std::string& field) {
    ++at_;
    std::string text;
    for (;; ++at_) {
      if (done()) return fail("a closing quotation mark is missing");
      if (peek() == '"') break;
      if (peek() == '\\' && at_ + 1 < text_.size()) ++at_;
      text += peek();
    }
    ++at_;
    Pointer node = make(Node::Kind::term);
    node->field = field;
    node->pieces = {std::move(text)};
    return node;
  }

  /// A bare word, cut at its wildcards.
  Result<std::vector<std::string>> word() {
    std::vector<std::string> pieces{""};
    const size_t begin = at_;
    for (; !done(); ++at_) {
      const char c = peek();
      if (c == '\\' && at_ + 1 < text_.size()) {
        pieces.back() += text_[++at_];
      } else if (c == '*' || c == '?') {
        if (c == '?') return fail("the wildcard ? is not supported, use *");
        if (pieces.size() == 1 || !pieces.back().empty()) pieces.emplace_back();
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '(' || c == ')' || c == ':' || c == '"' || c == '[' || c == ']' ||
                 c == '{' || c == '}') {
        break;
      } else if (c == '^' || c == '~') {
        return fail(std::string("'") + c + "' is not supported");
      } else {
        pieces.back() += c;
      }
    }
    if (at_ == begin) return fail("a term is missing");
    return pieces;
  }

  Result<std::optional<std::string>> bound() {
    blanks();
    std::string text;
    if (peek() == '"') {
      TRY(const Pointer node, phrase(""));
      return std::optional<std::string>(node->pieces.front());
    }
    for (; !done() && peek() != ' ' && peek() != ']' && peek() != '}'; ++at_) {
      if (peek() == '\\' && at_ + 1 < text_.size()) ++at_;
      text += peek();
    }
    if (text.empty()) return fail("a bound is missing");
    return text == "*" ? std::optional<std::string>{} : std::optional<std::string>(std::move(text));
  }

  Result<Pointer> range(const std::string& field) {
    Pointer node = make(Node::Kind::range);
    node->field = field;
    node->low_inclusive = peek() == '[';
    ++at_;
    TRY(node->low, bound());
    if (!take_word("TO")) return fail("TO is missing");
    TRY(node->high, bound());
    blanks();
    if (peek() != ']' && peek() != '}') return fail("the range does not end");
    node->high_inclusive = peek() == ']';
    ++at_;
    return node;
  }

  Result<Pointer> comparison(const std::string& field) {
    Pointer node = make(Node::Kind::range);
    node->field = field;
    const bool greater = peek() == '>';
    ++at_;
    const bool inclusive = peek() == '=';
    if (inclusive) ++at_;
    TRY(const std::optional<std::string> limit, bound());
    (greater ? node->low : node->high) = limit;
    (greater ? node->low_inclusive : node->high_inclusive) = inclusive;
    return node;
  }

  std::string_view text_;
  size_t at_ = 0;
  int terms_ = 0;
};

}  // namespace

Result<std::unique_ptr<Node>> parse(std::string_view query) {
  if (query.size() > 2000) return Error{Errc::invalid_argument, "the query is longer than 2,000 bytes"};
  if (query.find('\0') != std::string_view::npos) return Error{Errc::invalid_argument, "the query contains a NUL"};
  return Parser(query).parse();
}

}  // namespace gatehouse::model::lucene
