#pragma once
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "liquid/scope.h"
#include "liquid/value.h"

namespace gatehouse::liquid {

/// What stands behind `name:`; missing positional ones are nil.
class Arguments {
 public:
  void add(std::string_view name, Value value) {
    if (name.empty())
      positional_.push_back(std::move(value));
    else
      named_.emplace_back(name, std::move(value));
  }
  [[nodiscard]] bool has(size_t i) const { return i < positional_.size(); }
  [[nodiscard]] const json::value& at(size_t i) const { return i < positional_.size() ? positional_[i].get() : nil_.get(); }
  [[nodiscard]] std::string text(size_t i) const { return to_text(at(i)); }
  [[nodiscard]] const Value& value(size_t i) const { return i < positional_.size() ? positional_[i] : nil_; }
  [[nodiscard]] bool flag(std::string_view name) const {
    for (const auto& [key, value] : named_)
      if (key == name) return is_true(value.get());
    return false;
  }

 private:
  std::vector<Value> positional_;
  std::vector<std::pair<std::string_view, Value>> named_;
  Value nil_;
};

using Filter = Result<Value> (*)(const Value& input, const Arguments& arguments, Scope& scope);

struct FilterEntry {
  std::string_view name;
  Filter apply;
};

/// The tables, one a file: text (filters_text.cpp), HTML and URLs (filters_markup.cpp), numbers (filters_number.cpp), arrays
/// (filters_array.cpp), dates and the rest (filters_date.cpp).
std::span<const FilterEntry> text_filters();
std::span<const FilterEntry> markup_filters();
std::span<const FilterEntry> number_filters();
std::span<const FilterEntry> array_filters();
std::span<const FilterEntry> date_filters();

/// By name; null when there is none.
const FilterEntry* find_filter(std::string_view name);

/// A value's member by name or position, with `size`, `first`, `last`.
Value member(const Value& value, const json::value& key);

}  // namespace gatehouse::liquid
