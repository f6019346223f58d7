#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/users/user.h"

/// What a search says about users: Lucene's tree (lucene.h) with its fields, values and dates understood. Both ways to answer a search
/// start from it: SQL over the indexes (user_search.cpp) and a look at the user itself (fulfils).
namespace gatehouse::model {

/// A property of its own column: a time in microseconds, a number or a text.
struct UserColumn {
  enum class Type { time, number, text };
  std::string_view name;
  Type type;
  bool indexed;  ///< users_by_<name> leads to the users in the order of its values
};
/// The column of a field, or nullptr: then it stands in user_terms.
const UserColumn* user_column(std::string_view field);

struct UserCondition {
  enum class Kind {
    all_of,
    any_of,
    none_of,    ///< one child
    everybody,  ///< always true
    value,      ///< one of `paths` has one of `values`
    span,       ///< a value of paths.front() lies between the ends and fits the pieces
    exists,     ///< paths.front(), or something below it, has a value
    column      ///< the column is not null and lies between the ends
  };
  using End = std::variant<std::string, int64_t>;

  Kind kind = Kind::everybody;
  std::vector<UserCondition> children{};
  std::vector<std::string> paths{};
  std::vector<std::string> values{};
  const UserColumn* column = nullptr;
  std::optional<End> low{}, high{};
  bool low_inclusive = true, high_inclusive = true;
  std::vector<std::string> pieces{};  ///< of a span: literals between wildcards, as lucene::Node has them; empty: no wildcards

  static UserCondition value_of(std::string path, std::string_view value);
};

/// Parses a search. Errors: invalid_argument with a sentence (syntax, wildcards or ranges on user_metadata, too short a suffix, a bad date).
Result<UserCondition> parse_user_query(std::string_view q);

/// The column's value of a user, if it has one.
std::optional<UserCondition::End> column_value(const User& user, const UserColumn& column);

/// Whether the user fulfils the condition: what the indexes would say, from the user itself.
bool fulfils(const User& user, const UserCondition& condition);

}  // namespace gatehouse::model
