#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// The subset of Lucene's query syntax that Auth0's searches take: field:value, phrases, groups, AND OR NOT && || ! + -, _exists_,
/// ranges with [ ] { } in any mix, wildcards * and ?, backslash escapes.
namespace gatehouse::model::lucene {

struct Node {
  enum class Kind { all_of, any_of, none_of, term, range, exists };
  Kind kind = Kind::term;
  std::vector<std::unique_ptr<Node>> children{};  ///< all_of, any_of; none_of has one
  std::string field{};                            ///< empty: no field given
  /// term: literal pieces between wildcards; {"abc"} is an exact value, {"abc", ""} is abc*, {"", "abc"} is *abc, {"", ""} is *.
  std::vector<std::string> pieces{};
  // range: nullopt is an open end (*)
  std::optional<std::string> low{}, high{};
  bool low_inclusive = true, high_inclusive = true;
};

/// Terms without an operator between them are joined by OR, as Lucene does. At most 100 terms, 20 levels of nesting, 2,000 bytes.
/// Errors: invalid_argument with a sentence that says where.
Result<std::unique_ptr<Node>> parse(std::string_view query);

}  // namespace gatehouse::model::lucene
