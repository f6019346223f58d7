#pragma once
#include <memory>
#include <string>
#include <vector>

#include "liquid/expression.h"
#include "liquid/scope.h"

namespace gatehouse::liquid {

/// What goes on after a node: the next one, or a loop that is left or continued.
enum class Flow { next, leave_loop, continue_loop };

class Node {
 public:
  virtual ~Node() = default;
  virtual Result<Flow> render(Scope& scope, std::string& out) const = 0;
};

/// Nodes one after the other.
class Block final : public Node {
 public:
  void add(std::unique_ptr<const Node> node) { nodes_.push_back(std::move(node)); }
  Result<Flow> render(Scope& scope, std::string& out) const override;

 private:
  std::vector<std::unique_ptr<const Node>> nodes_;
};

struct Text final : Node {
  std::string text;
  Result<Flow> render(Scope& scope, std::string& out) const override;
};

struct Output final : Node {
  Expression expression;
  Result<Flow> render(Scope& scope, std::string& out) const override;
};

struct Assign final : Node {
  std::string name;
  Expression expression;
  Result<Flow> render(Scope& scope, std::string& out) const override;
};

struct Capture final : Node {
  std::string name;
  Block body;
  Result<Flow> render(Scope& scope, std::string& out) const override;
};

/// if, elsif, else; `unless` negates the first condition.
struct Condition final : Node {
  struct Branch {
    std::optional<Expression> condition;  ///< none: else
    bool negated = false;
    Block body;
  };
  std::vector<Branch> branches;
  Result<Flow> render(Scope& scope, std::string& out) const override;
};

/// case and when: every branch that fits is rendered, else only when none did.
struct Case final : Node {
  struct Branch {
    std::vector<Operand> values;
    Block body;
  };
  Expression subject;
  std::vector<Branch> branches;
  Block otherwise;
  Result<Flow> render(Scope& scope, std::string& out) const override;
};

/// Which elements a loop goes over.
struct Selection {
  Operand collection;
  std::optional<Operand> limit, offset;
  bool reversed = false;
};

struct For final : Node {
  std::string variable;
  std::string name;  ///< shown as forloop.name: "item-items"
  Selection selection;
  Block body;
  Block otherwise;  ///< for an empty collection
  Result<Flow> render(Scope& scope, std::string& out) const override;
};

/// Rows and cells of an HTML table, `cols` cells a row (one row without).
struct TableRow final : Node {
  std::string variable;
  Selection selection;
  std::optional<Operand> columns;
  Block body;
  Result<Flow> render(Scope& scope, std::string& out) const override;
};

/// Prints the variables as JSON: what a template can use here.
struct Debug final : Node {
  Result<Flow> render(Scope& scope, std::string& out) const override;
};

struct LeaveLoop final : Node {
  Flow flow = Flow::leave_loop;
  Result<Flow> render(Scope&, std::string&) const override { return Flow(flow); }
};

struct Cycle final : Node {
  std::string group;
  std::vector<Operand> values;
  Result<Flow> render(Scope& scope, std::string& out) const override;
};

/// increment prints, then adds; decrement subtracts, then prints.
struct Count final : Node {
  std::string name;
  bool up = true;
  Result<Flow> render(Scope& scope, std::string& out) const override;
};

/// include sees and changes the variables around it; render sees only what it is given.
struct Partial final : Node {
  size_t line = 1;
  bool isolated = false;
  Operand name;
  std::optional<Operand> with;
  std::string alias;
  std::vector<std::pair<std::string, Operand>> arguments;
  Result<Flow> render(Scope& scope, std::string& out) const override;
};

/// A tag of ParseOptions::inserts.
struct Insert final : Node {
  std::string name;
  Result<Flow> render(Scope& scope, std::string& out) const override;
};

}  // namespace gatehouse::liquid
