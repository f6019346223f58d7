#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "liquid/value.h"

namespace gatehouse::liquid {

class Scope;
struct FilterEntry;
struct Operand;

/// user.user_metadata["a b"][0].size
struct Path {
  std::string name;
  std::vector<Operand> parts;
};

/// (1..5)
struct Range {
  std::shared_ptr<const Operand> first, last;
};

/// What an operator works on: a literal, a path, a range.
struct Operand {
  std::variant<Value, Path, Range> form;
};

enum class Operator { equal, not_equal, less, less_equal, greater, greater_equal, contains, negation, conjunction, disjunction };

struct FilterCall {
  std::string name;
  const FilterEntry* entry = nullptr;                      ///< null: unknown, does nothing
  std::vector<std::pair<std::string, Operand>> arguments;  ///< the name is empty for a positional one
};

/// operands and operators, then filters: a == b | default: "x". Operators bind as in Liquid: comparisons first, then `and`
/// and `or` alike from right to left. Kept in postfix order, so that evaluating it needs no recursion.
struct Expression {
  std::vector<std::variant<Operand, Operator>> postfix;
  std::vector<FilterCall> filters;
};

/// Reads what stands inside a tag or an output.
class ExpressionReader {
 public:
  ExpressionReader(std::string_view text, size_t line, bool strict) : text_(text), line_(line), strict_(strict) {}

  Result<Expression> expression();
  Result<Operand> operand();
  /// [A-Za-z_][A-Za-z0-9_?-]*, or empty when none stands here.
  std::string_view word();
  /// The word if it is the next one.
  bool accept_word(std::string_view expected);
  bool accept(std::string_view symbol);
  [[nodiscard]] bool at_end();
  Result<void> expect_end();
  [[nodiscard]] Error error(std::string_view what) const;

 private:
  Result<std::string> quoted();
  Result<Operand> number();
  Result<Path> path();
  Result<FilterCall> filter();
  std::optional<Operator> binary_operator();
  void skip_space();

  std::string_view text_;
  size_t line_;
  bool strict_;
  size_t at_ = 0;
  size_t depth_ = 0;
};

/// Evaluate within a scope. Errors: a limit of the scope was reached.
Result<Value> evaluate(const Operand& operand, Scope& scope);
Result<Value> evaluate(const Expression& expression, Scope& scope);

}  // namespace gatehouse::liquid
