#include "liquid/expression.h"

#include <charconv>

#include "liquid/filters.h"
#include "liquid/lexer.h"
#include "liquid/scope.h"

namespace gatehouse::liquid {
namespace {

constexpr size_t kMaxDepth = 16;        // brackets within brackets
constexpr int64_t kMaxRange = 100'000;  // elements

bool begins_word(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool is_word(char c) { return begins_word(c) || std::isdigit(static_cast<unsigned char>(c)) || c == '-' || c == '?'; }

int precedence(Operator op) {
  switch (op) {
    case Operator::conjunction:
    case Operator::disjunction:
      return 0;
    case Operator::negation:
      return 1;
    case Operator::equal:
    case Operator::not_equal:
    case Operator::less:
    case Operator::less_equal:
    case Operator::greater:
    case Operator::greater_equal:
    case Operator::contains:
      return 2;
  }
  return 0;
}

Result<bool> contains(const json::value& whole, const json::value& part, Scope& scope) {
  TRY_VOID(scope.spend(weight(whole)));
  if (const auto* text = whole.if_string()) return std::string_view(*text).find(to_text(part)) != std::string_view::npos;
  if (const auto* items = whole.if_array())
    return std::any_of(items->begin(), items->end(), [&](const json::value& item) { return equal(item, part); });
  return false;
}

Result<bool> apply(Operator op, const Value& left, const Value& right, Scope& scope) {
  const auto order = [&] { return compare(left.get(), right.get()); };
  switch (op) {
    case Operator::equal:
      return equal(left, right);
    case Operator::not_equal:
      return !equal(left, right);
    case Operator::less:
      return order() == -1;
    case Operator::less_equal:
      return order().value_or(1) <= 0;
    case Operator::greater:
      return order() == 1;
    case Operator::greater_equal:
      return order().value_or(-1) >= 0;
    case Operator::contains:
      return contains(left.get(), right.get(), scope);
    case Operator::conjunction:
      return is_true(left.get()) && is_true(right.get());
    case Operator::disjunction:
      return is_true(left.get()) || is_true(right.get());
    case Operator::negation:
      return !is_true(right.get());
  }
  return false;
}

}  // namespace

void ExpressionReader::skip_space() {
  while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
}

bool ExpressionReader::at_end() {
  skip_space();
  return at_ >= text_.size();
}

Error ExpressionReader::error(std::string_view what) const { return template_error(line_, what); }

Result<void> ExpressionReader::expect_end() {
  if (at_end()) return {};
  return error("unexpected '" + std::string(text_.substr(at_, 20)) + "'");
}

std::string_view ExpressionReader::word() {
  skip_space();
  if (at_ >= text_.size() || !begins_word(text_[at_])) return {};
  const size_t begin = at_;
  while (at_ < text_.size() && is_word(text_[at_])) ++at_;
  return text_.substr(begin, at_ - begin);
}

bool ExpressionReader::accept_word(std::string_view expected) {
  const size_t before = at_;
  if (word() == expected) return true;
  at_ = before;
  return false;
}

bool ExpressionReader::accept(std::string_view symbol) {
  skip_space();
  if (text_.substr(at_, symbol.size()) != symbol) return false;
  at_ += symbol.size();
  return true;
}

Result<std::string> ExpressionReader::quoted() {
  const char quote = text_[at_++];
  std::string out;
  while (at_ < text_.size() && text_[at_] != quote) {
    if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
      const char c = text_[++at_];
      out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    } else {
      out += text_[at_];
    }
    ++at_;
  }
  if (at_ >= text_.size()) return error("a quoted text is not closed");
  ++at_;
  return out;
}

Result<Operand> ExpressionReader::number() {
  const size_t begin = at_;
  if (text_[at_] == '-') ++at_;
  while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_]))) ++at_;
  // Two dots belong to a range.
  if (text_.substr(at_, 1) == "." && at_ + 1 < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_ + 1]))) {
    ++at_;
    while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  double value = 0;
  std::from_chars(text_.data() + begin, text_.data() + at_, value);
  return Operand{Value(from_number(value))};
}

Result<Path> ExpressionReader::path() {
  Path out{std::string(word()), {}};
  for (;;) {
    if (text_.substr(at_, 1) == "[") {
      ++at_;
      TRY(Operand key, operand());
      if (!accept("]")) return error("']' is missing");
      if (out.name.empty() && out.parts.empty() && std::holds_alternative<Value>(key.form)) {
        out.name = to_text(std::get<Value>(key.form).get());  // ["a b"] is the variable of that name
      } else {
        out.parts.push_back(std::move(key));
      }
    } else if (text_.substr(at_, 1) == "." && text_.substr(at_, 2) != "..") {
      ++at_;
      const size_t begin = at_;
      while (at_ < text_.size() && is_word(text_[at_])) ++at_;
      if (at_ == begin) return error("a name is missing after '.'");
      out.parts.push_back(Operand{Value::text(text_.substr(begin, at_ - begin))});
    } else {
      return out;
    }
  }
}

Result<Operand> ExpressionReader::operand() {
  skip_space();
  if (at_ >= text_.size()) return error("a value is missing");
  if (++depth_ > kMaxDepth) return error("brackets are nested too deeply");
  struct Leave {
    size_t& depth;
    ~Leave() { --depth; }
  } leave{depth_};
  const char c = text_[at_];
  if (c == '"' || c == '\'') {
    TRY(const std::string text, quoted());
    return Operand{Value::text(text)};
  }
  if (std::isdigit(static_cast<unsigned char>(c)) ||
      (c == '-' && at_ + 1 < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_ + 1]))))
    return number();
  if (c == '(') {
    ++at_;
    TRY(Operand first, operand());
    if (!accept("..")) return error("'..' is missing");
    TRY(Operand last, operand());
    if (!accept(")")) return error("')' is missing");
    return Operand{Range{std::make_shared<const Operand>(std::move(first)), std::make_shared<const Operand>(std::move(last))}};
  }
  if (!begins_word(c) && c != '[') return error("unexpected '" + std::string(text_.substr(at_, 20)) + "'");
  TRY(Path path, this->path());
  if (path.parts.empty() && c != '[') {
    if (path.name == "true" || path.name == "false") return Operand{Value(json::value(path.name == "true"))};
    if (path.name == "nil" || path.name == "null") return Operand{Value()};
    if (path.name == "empty") return Operand{Value::literal(Value::Kind::empty)};
    if (path.name == "blank") return Operand{Value::literal(Value::Kind::blank)};
  }
  return Operand{std::move(path)};
}

std::optional<Operator> ExpressionReader::binary_operator() {
  static constexpr std::pair<std::string_view, Operator> symbols[] = {
      {"==", Operator::equal},         {"!=", Operator::not_equal}, {"<>", Operator::not_equal}, {"<=", Operator::less_equal},
      {">=", Operator::greater_equal}, {"<", Operator::less},       {">", Operator::greater}};
  for (const auto& [symbol, op] : symbols)
    if (accept(symbol)) return op;
  if (accept_word("contains")) return Operator::contains;
  if (accept_word("and")) return Operator::conjunction;
  if (accept_word("or")) return Operator::disjunction;
  return std::nullopt;
}

Result<Expression> ExpressionReader::expression() {
  Expression out;
  std::vector<Operator> waiting;
  const auto push = [&](Operator op) {
    while (!waiting.empty() && precedence(waiting.back()) > precedence(op)) {
      out.postfix.emplace_back(waiting.back());
      waiting.pop_back();
    }
    waiting.push_back(op);
  };
  for (;;) {
    while (accept_word("not")) push(Operator::negation);
    TRY(Operand next, operand());
    out.postfix.emplace_back(std::move(next));
    const std::optional<Operator> op = binary_operator();
    if (!op) break;
    push(*op);
  }
  for (; !waiting.empty(); waiting.pop_back()) out.postfix.emplace_back(waiting.back());
  while (accept("|")) {
    TRY(FilterCall call, filter());
    out.filters.push_back(std::move(call));
  }
  return out;
}

Result<FilterCall> ExpressionReader::filter() {
  FilterCall out;
  out.name = std::string(word());
  if (out.name.empty()) return error("the name of a filter is missing after '|'");
  out.entry = find_filter(out.name);
  if (!out.entry && strict_) return error("unknown filter '" + out.name + "'");
  if (!accept(":")) return out;
  do {
    const size_t before = at_;
    std::string name(word());
    if (name.empty() || !accept(":")) {
      name.clear();
      at_ = before;
    }
    TRY(Operand value, operand());
    out.arguments.emplace_back(std::move(name), std::move(value));
  } while (accept(","));
  return out;
}

Value member(const Value& value, const json::value& key) {
  const json::value& v = value.get();
  if (const auto* object = v.if_object()) {
    if (const auto* literal = key.if_string())
      if (const json::value* found = object->if_contains(*literal)) return value.part(*found);
    const std::string name = to_text(key);
    if (const json::value* found = object->if_contains(name)) return value.part(*found);
    if (name == "size") return Value(json::value(int64_t(object->size())));
    return {};
  }
  const std::string name = key.is_number() ? "" : to_text(key);
  if (const auto* items = v.if_array()) {
    if (name == "size") return Value(json::value(int64_t(items->size())));
    if (items->empty()) return {};
    if (name == "first") return value.part(items->front());
    if (name == "last") return value.part(items->back());
    if (!key.is_number()) return {};
    int64_t i = to_integer(key);
    if (i < 0) i += int64_t(items->size());
    return i >= 0 && i < int64_t(items->size()) ? value.part((*items)[size_t(i)]) : Value();
  }
  if (const auto* text = v.if_string()) {
    if (name == "size") return Value(json::value(int64_t(text_length(std::string_view(*text)))));
  }
  return {};
}

namespace {

/// Goes on from `value` along the members that a path names.
Result<Value> follow(Value value, const Path& path, Scope& scope) {
  for (const Operand& part : path.parts) {
    if (const auto* name = std::get_if<Value>(&part.form)) {
      TRY_VOID(scope.spend(16));
      value = member(value, name->get());
    } else {
      TRY(const Value key, evaluate(part, scope));
      value = member(value, key.get());
    }
  }
  return value;
}

}  // namespace

Result<Value> evaluate(const Operand& operand, Scope& scope) {
  TRY_VOID(scope.spend(16));
  if (const auto* value = std::get_if<Value>(&operand.form)) return *value;
  if (const auto* range = std::get_if<Range>(&operand.form)) {
    TRY(const Value first, evaluate(*range->first, scope));
    TRY(const Value last, evaluate(*range->last, scope));
    const int64_t from = to_integer(first.get()), to = to_integer(last.get());
    if (to - from >= kMaxRange) return Error{Errc::invalid_argument, "The template makes a range that is too long."};
    json::array items;
    TRY_VOID(scope.spend(to >= from ? size_t(to - from + 1) * 16 : 1));
    for (int64_t i = from; i <= to; ++i) items.emplace_back(i);
    return Value(std::move(items));
  }
  const auto& path = std::get<Path>(operand.form);
  TRY(Value value, follow(scope.find(path.name), path, scope));
  if (!value.is_nil() || !scope.defaults()) return value;
  const json::value* from = scope.defaults()->if_contains(path.name);
  return from ? follow(Value::borrow(*from), path, scope) : value;
}

Result<Value> evaluate(const Expression& expression, Scope& scope) {
  std::vector<Value> stack;
  for (const auto& step : expression.postfix) {
    if (const auto* operand = std::get_if<Operand>(&step)) {
      TRY(Value value, evaluate(*operand, scope));
      stack.push_back(std::move(value));
      continue;
    }
    const Operator op = std::get<Operator>(step);
    const Value right = std::move(stack.back());
    stack.pop_back();
    Value left;
    if (op != Operator::negation) {
      left = std::move(stack.back());
      stack.pop_back();
    }
    TRY(const bool result, apply(op, left, right, scope));
    stack.emplace_back(json::value(result));
  }
  Value value = std::move(stack.back());
  for (const FilterCall& call : expression.filters) {
    if (!call.entry) continue;
    Arguments arguments;
    for (const auto& [name, operand] : call.arguments) {
      TRY(Value argument, evaluate(operand, scope));
      arguments.add(name, std::move(argument));
    }
    TRY_VOID(scope.spend(16 + weight(value.get())));
    TRY(Value next, call.entry->apply(value, arguments, scope));
    TRY_VOID(scope.spend(weight(next.get())));
    value = std::move(next);
  }
  return value;
}

}  // namespace gatehouse::liquid
