#include "liquid/nodes.h"

#include "liquid/filters.h"
#include "liquid/lexer.h"

namespace gatehouse::liquid {
namespace {

Result<void> print(Scope& scope, std::string& out, std::string_view text) {
  TRY_VOID(scope.spend(text.size()));
  TRY_VOID(scope.check_size(out.size() + text.size()));
  out += text;
  return {};
}

bool needs_escape(std::string_view text) { return text.find_first_of("&<>\"'") != std::string_view::npos; }

Result<void> print(Scope& scope, std::string& out, const Value& value) {
  if (value.get().is_null()) return {};
  TRY_VOID(scope.spend(weight(value.get())));
  const bool escape = scope.options().escape && !value.safe();
  if (const auto* text = value.get().if_string(); text && (!escape || !needs_escape(*text))) return print(scope, out, std::string_view(*text));
  const std::string text = to_text(value.get());
  return print(scope, out, escape ? escape_html(text) : text);
}

/// What a loop goes over: the elements of an array, [name, value] of an object, a text as one element.
Result<Value> elements(const Value& collection, Scope& scope) {
  if (collection.get().is_array()) return collection;
  TRY_VOID(scope.spend(weight(collection.get())));
  json::array out;
  if (const auto* object = collection.get().if_object()) {
    for (const auto& [name, value] : *object) out.push_back(json::array{json::string(name), value});
  } else if (const auto* text = collection.get().if_string(); text && !text->empty()) {
    out.push_back(*text);
  }
  return Value(std::move(out));
}

/// The elements a loop goes over, in its order.
Result<std::vector<Value>> select(const Selection& selection, Scope& scope) {
  TRY(const Value source, evaluate(selection.collection, scope));
  TRY(const Value all, elements(source, scope));
  const auto& items = all.get().get_array();
  int64_t first = 0, count = int64_t(items.size());
  if (selection.offset) {
    TRY(const Value value, evaluate(*selection.offset, scope));
    first = std::clamp<int64_t>(to_integer(value.get()), 0, count);
  }
  count -= first;
  if (selection.limit) {
    TRY(const Value value, evaluate(*selection.limit, scope));
    count = std::clamp<int64_t>(to_integer(value.get()), 0, count);
  }
  TRY_VOID(scope.spend(size_t(count) * 16));
  std::vector<Value> out;
  for (int64_t i = 0; i < count; ++i) out.push_back(all.part(items[size_t(first + (selection.reversed ? count - 1 - i : i))]));
  return out;
}

}  // namespace

Value Scope::find(std::string_view name) const {
  for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame)
    if (const auto found = frame->find(name); found != frame->end()) return found->second;
  if (const json::value* value = variables_->if_contains(name)) return Value::borrow(*value);
  if (const auto counter = counters_.find(std::string(name)); counter != counters_.end()) return Value(json::value(counter->second));
  return {};
}

Result<Flow> Block::render(Scope& scope, std::string& out) const {
  for (const auto& node : nodes_) {
    TRY_VOID(scope.spend(16));
    TRY(const Flow flow, node->render(scope, out));
    if (flow != Flow::next) return Flow(flow);
  }
  return Flow::next;
}

Result<Flow> Text::render(Scope& scope, std::string& out) const {
  TRY_VOID(print(scope, out, std::string_view(text)));
  return Flow::next;
}

Result<Flow> Output::render(Scope& scope, std::string& out) const {
  TRY(const Value value, evaluate(expression, scope));
  TRY_VOID(print(scope, out, value));
  return Flow::next;
}

Result<Flow> Assign::render(Scope& scope, std::string&) const {
  TRY(Value value, evaluate(expression, scope));
  scope.assign(name, std::move(value));
  return Flow::next;
}

Result<Flow> Capture::render(Scope& scope, std::string&) const {
  std::string captured;
  TRY(const Flow flow, body.render(scope, captured));
  // What was captured has been escaped where it had to be.
  scope.assign(name, Value::text(captured, scope.options().escape));
  return Flow(flow);
}

Result<Flow> Condition::render(Scope& scope, std::string& out) const {
  for (const Branch& branch : branches) {
    if (branch.condition) {
      TRY(const Value value, evaluate(*branch.condition, scope));
      if (is_true(value.get()) == branch.negated) continue;
    }
    return branch.body.render(scope, out);
  }
  return Flow::next;
}

Result<Flow> Case::render(Scope& scope, std::string& out) const {
  TRY(const Value value, evaluate(subject, scope));
  bool found = false;
  for (const Branch& branch : branches) {
    for (const Operand& operand : branch.values) {
      TRY(const Value candidate, evaluate(operand, scope));
      if (!equal(candidate, value)) continue;
      found = true;
      TRY(const Flow flow, branch.body.render(scope, out));
      if (flow != Flow::next) return Flow(flow);
      break;
    }
  }
  return found ? Result<Flow>(Flow::next) : otherwise.render(scope, out);
}

Result<Flow> For::render(Scope& scope, std::string& out) const {
  TRY(const std::vector<Value> items, select(selection, scope));
  const auto count = int64_t(items.size());
  if (count == 0) return otherwise.render(scope, out);
  Scope::Inner inner(scope);
  for (int64_t i = 0; i < count; ++i) {
    TRY_VOID(scope.spend(64));
    Scope::Frame& frame = inner.frame();
    frame[variable] = items[size_t(i)];
    frame["forloop"] = Value(json::object{{"index", i + 1},
                                          {"index0", i},
                                          {"rindex", count - i},
                                          {"rindex0", count - i - 1},
                                          {"first", i == 0},
                                          {"last", i == count - 1},
                                          {"length", count},
                                          {"name", name}});
    TRY(const Flow flow, body.render(scope, out));
    if (flow == Flow::leave_loop) break;
  }
  return Flow::next;
}

Result<Flow> TableRow::render(Scope& scope, std::string& out) const {
  TRY(const std::vector<Value> items, select(selection, scope));
  const auto count = int64_t(items.size());
  int64_t width = count;
  if (columns) {
    TRY(const Value value, evaluate(*columns, scope));
    width = std::clamp<int64_t>(to_integer(value.get()), 1, std::max<int64_t>(count, 1));
  }
  Scope::Inner inner(scope);
  for (int64_t i = 0; i < count; ++i) {
    TRY_VOID(scope.spend(64));
    const int64_t row = i / width, column = i % width;
    Scope::Frame& frame = inner.frame();
    frame[variable] = items[size_t(i)];
    frame["tablerowloop"] = Value(json::object{{"index", i + 1},
                                               {"index0", i},
                                               {"rindex", count - i},
                                               {"rindex0", count - i - 1},
                                               {"first", i == 0},
                                               {"last", i == count - 1},
                                               {"length", count},
                                               {"row", row + 1},
                                               {"col", column + 1},
                                               {"col0", column},
                                               {"col_first", column == 0},
                                               {"col_last", column == width - 1}});
    if (column == 0) TRY_VOID(print(scope, out, std::string_view("<tr class=\"row" + std::to_string(row + 1) + "\">")));
    TRY_VOID(print(scope, out, std::string_view("<td class=\"col" + std::to_string(column + 1) + "\">")));
    TRY(const Flow flow, body.render(scope, out));
    TRY_VOID(print(scope, out, std::string_view("</td>")));
    const bool last = i == count - 1 || flow == Flow::leave_loop;
    if (last || column == width - 1) TRY_VOID(print(scope, out, std::string_view("</tr>")));
    if (last) break;
  }
  return Flow::next;
}

Result<Flow> Debug::render(Scope& scope, std::string& out) const {
  TRY_VOID(scope.spend(weight(scope.variables())));
  const std::string text = to_json(scope.variables());
  TRY_VOID(print(scope, out, std::string_view(scope.options().escape ? escape_html(text) : text)));
  return Flow::next;
}

Result<Flow> Cycle::render(Scope& scope, std::string& out) const {
  size_t& turn = scope.cycle(group);
  const Operand& next = values[turn % values.size()];
  turn = (turn + 1) % values.size();
  TRY(const Value value, evaluate(next, scope));
  TRY_VOID(print(scope, out, value));
  return Flow::next;
}

Result<Flow> Count::render(Scope& scope, std::string& out) const {
  int64_t& counter = scope.counter(name);
  TRY_VOID(print(scope, out, std::to_string(up ? counter++ : --counter)));
  return Flow::next;
}

Result<Flow> Partial::render(Scope& scope, std::string& out) const {
  TRY(const Value file, evaluate(name, scope));
  const std::string wanted = to_text(file.get());
  const Template* found = scope.options().partial ? scope.options().partial(wanted) : nullptr;
  if (!found) return template_error(line, "there is no partial '" + wanted + "'");
  Scope::Frame frame;
  if (with) {
    TRY(Value value, evaluate(*with, scope));
    frame[alias.empty() ? wanted : alias] = std::move(value);
  }
  for (const auto& [key, operand] : arguments) {
    TRY(Value value, evaluate(operand, scope));
    frame[key] = std::move(value);
  }
  TRY_VOID(scope.enter_partial());
  Result<Flow> flow = Flow::next;
  if (isolated) {
    const Scope::Isolated guard(scope, std::move(frame));
    flow = found->root().render(scope, out);
  } else {
    const Scope::Inner guard(scope, std::move(frame));
    flow = found->root().render(scope, out);
  }
  scope.leave_partial();
  if (!flow) return flow;
  return Flow::next;
}

Result<Flow> Insert::render(Scope& scope, std::string& out) const {
  const auto found = scope.options().inserts.find(name);
  if (found != scope.options().inserts.end()) TRY_VOID(print(scope, out, std::string_view(found->second)));
  return Flow::next;
}

}  // namespace gatehouse::liquid
