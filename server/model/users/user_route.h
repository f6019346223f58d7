#pragma once
#include <functional>
#include <string>
#include <vector>

#include "model/users/user_condition.h"
#include "storage/database.h"

/// Conditions on users as SQL: ways through an index, and questions about one candidate.
namespace gatehouse::model {

/// A statement being written; $1 is the tenant.
class UserSql {
 public:
  explicit UserSql(const TenantId& tenant) { arguments.emplace_back(tenant); }
  std::string bind(storage::Value value) {
    arguments.push_back(std::move(value));
    return "$" + std::to_string(arguments.size());
  }
  std::vector<storage::Value> arguments;
};

/// Where candidates come from: rows `t` that have the position of a user.
struct UserList {
  std::string from{}, where{}, order{};
  bool of_users = false;            ///< t is `users` itself
  bool each_once = true;            ///< no user comes twice
  bool by_position = false;         ///< in order of creation
  std::vector<UserList> parts{};    ///< not empty: all of these together, in place of `from` and `where`
};

/// Whether an index leads to the users that fulfil the condition.
bool has_list(const UserCondition& condition);
/// Whether to them only. Else a conjunction stands in it, of which one part has no question.
bool has_exact_list(const UserCondition& condition);
UserList list_of(const UserCondition& condition, UserSql& sql);
/// Everybody in the order of a field; `missing`: those without a value, in order of creation, where the column tells.
UserList sorted_list(const std::string& field, bool descending, bool missing, UserSql& sql);

/// Whether the database can tell quickly if a given candidate fulfils the condition.
bool has_question(const UserCondition& condition);
/// Keeps of the list those that fulfil the condition.
void narrow(UserList& list, const UserCondition& condition, UserSql& sql);

/// SELECT t.position …, in the list's order; without a limit in any order.
std::string select_positions(const UserList& list, std::optional<int64_t> limit, int64_t offset, UserSql& sql);

}  // namespace gatehouse::model
