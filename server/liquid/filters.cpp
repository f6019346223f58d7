#include "liquid/filters.h"

namespace gatehouse::liquid {

const FilterEntry* find_filter(std::string_view name) {
  static const std::map<std::string_view, const FilterEntry*> all = [] {
    std::map<std::string_view, const FilterEntry*> map;
    for (const auto table : {text_filters(), markup_filters(), number_filters(), array_filters(), date_filters()})
      for (const FilterEntry& entry : table) map.emplace(entry.name, &entry);
    return map;
  }();
  const auto found = all.find(name);
  return found == all.end() ? nullptr : found->second;
}

}  // namespace gatehouse::liquid
