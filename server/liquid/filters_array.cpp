#include "liquid/filters.h"

namespace gatehouse::liquid {
namespace {

/// A single value counts as an array of one, nil as none.
json::array items_of(const Value& v) {
  if (v.get().is_null()) return {};
  if (const auto* items = v.get().if_array()) return *items;
  return {v.get()};
}

/// The member at a dotted path.
Value at_path(const json::value& item, const std::string& path) {
  Value value = Value::borrow(item);
  for (size_t i = 0; i <= path.size();) {
    const size_t end = std::min(path.find('.', i), path.size());
    value = member(value, json::value(json::string(std::string_view(path).substr(i, end - i))));
    i = end + 1;
  }
  return value;
}

/// Paths are looked up once an element.
Result<void> spend_on_paths(const Value& v, const std::string& path, Scope& scope) {
  const auto* items = v.get().if_array();
  return scope.spend((items ? items->size() : 1) * (16 + path.size()));
}

Result<Value> join(const Value& v, const Arguments& a, Scope& scope) {
  const std::string by = a.at(0).is_null() ? " " : a.text(0);
  std::string out;
  bool first = true;
  for (const json::value& item : items_of(v)) {
    if (!std::exchange(first, false)) out += by;
    out += to_text(item);
    TRY_VOID(scope.check_size(out.size()));
  }
  return Value::text(out);
}

Result<Value> size(const Value& v, const Arguments&, Scope&) {
  if (const auto* text = v.get().if_string()) return Value(json::value(int64_t(text_length(std::string_view(*text)))));
  if (const auto* items = v.get().if_array()) return Value(json::value(int64_t(items->size())));
  return Value(json::value(0));
}

Result<Value> first(const Value& v, const Arguments&, Scope&) {
  const auto* items = v.get().if_array();
  return items && !items->empty() ? v.part(items->front()) : Value();
}

Result<Value> last(const Value& v, const Arguments&, Scope&) {
  const auto* items = v.get().if_array();
  return items && !items->empty() ? v.part(items->back()) : Value();
}

Result<Value> reverse(const Value& v, const Arguments&, Scope&) {
  json::array out = items_of(v);
  std::reverse(out.begin(), out.end());
  return Value(std::move(out));
}

Result<Value> compact(const Value& v, const Arguments&, Scope&) {
  json::array out;
  for (json::value& item : items_of(v))
    if (!item.is_null()) out.push_back(std::move(item));
  return Value(std::move(out));
}

Result<Value> concat(const Value& v, const Arguments& a, Scope& scope) {
  TRY_VOID(scope.spend(weight(a.at(0))));
  json::array out = items_of(v);
  for (json::value& item : items_of(a.value(0))) out.push_back(std::move(item));
  return Value(std::move(out));
}

Result<Value> map(const Value& v, const Arguments& a, Scope& scope) {
  const std::string path = a.text(0);
  TRY_VOID(spend_on_paths(v, path, scope));
  json::array out;
  for (const json::value& item : items_of(v)) out.push_back(at_path(item, path).get());
  return Value(std::move(out));
}

Result<Value> where(const Value& v, const Arguments& a, Scope& scope) {
  const std::string path = a.text(0);
  TRY_VOID(spend_on_paths(v, path, scope));
  json::array out;
  for (const json::value& item : items_of(v)) {
    const Value value = at_path(item, path);
    if (a.has(1) ? equal(value, a.value(1)) : is_true(value.get())) out.push_back(item);
  }
  return Value(std::move(out));
}

Result<Value> uniq(const Value& v, const Arguments&, Scope&) {
  json::array out;
  std::set<std::string> seen;
  for (json::value& item : items_of(v))
    if (seen.insert(to_json(item)).second) out.push_back(std::move(item));
  return Value(std::move(out));
}

Result<Value> sum(const Value& v, const Arguments& a, Scope& scope) {
  const std::string path = a.text(0);
  TRY_VOID(spend_on_paths(v, path, scope));
  double total = 0;
  for (const json::value& item : items_of(v)) total += to_number(a.has(0) ? at_path(item, path).get() : item);
  return Value(from_number(total));
}

/// Stable; things without an order go to the end.
template <class Key>
Result<Value> sorted(const Value& v, const Arguments& a, Scope& scope, Key key) {
  struct Entry {
    json::value key, item;
  };
  const std::string path = a.text(0);
  TRY_VOID(spend_on_paths(v, path, scope));
  TRY_VOID(scope.spend(weight(v.get()) * 16));  // comparisons, n log n of them
  std::vector<Entry> entries;
  for (json::value& item : items_of(v)) {
    json::value by = key(a.has(0) ? at_path(item, path).get() : item);
    entries.push_back({std::move(by), std::move(item)});
  }
  const auto rank = [](const json::value& value) { return value.is_number() ? 0 : value.is_string() ? 1 : value.is_bool() ? 2 : 3; };
  std::stable_sort(entries.begin(), entries.end(), [&](const Entry& x, const Entry& y) {
    if (rank(x.key) != rank(y.key)) return rank(x.key) < rank(y.key);
    return compare(x.key, y.key) == -1;
  });
  json::array out;
  for (Entry& entry : entries) out.push_back(std::move(entry.item));
  return Value(std::move(out));
}

Result<Value> sort(const Value& v, const Arguments& a, Scope& scope) {
  return sorted(v, a, scope, [](const json::value& value) { return value; });
}

Result<Value> sort_natural(const Value& v, const Arguments& a, Scope& scope) {
  return sorted(v, a, scope, [](const json::value& value) {
    if (value.is_null()) return value;
    std::string text = to_text(value);
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? char(c + 32) : c;
    return json::value(json::string(text));
  });
}

constexpr FilterEntry kFilters[] = {
    {"compact", compact}, {"concat", concat},   {"first", first}, {"join", join}, {"last", last},
    {"map", map},         {"reverse", reverse}, {"size", size},   {"sort", sort}, {"sort_natural", sort_natural},
    {"sum", sum},         {"uniq", uniq},       {"where", where},
};

}  // namespace

std::span<const FilterEntry> array_filters() { return kFilters; }

}  // namespace gatehouse::liquid
