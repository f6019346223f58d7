#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/users/user.h"
#include "storage/database.h"

namespace gatehouse::model {

/// A search compiled to SQL: a condition on the rows of `users` and its arguments, $1 being the tenant.
struct UserQuery {
  std::string condition;
  std::vector<storage::Value> arguments;
};

struct UserSearch {
  std::string q;           ///< Lucene (model/users/lucene.h); empty: everybody
  std::string connection;  ///< only users of this connection; empty: all
  std::string sort_field;  ///< created_at, updated_at, last_login, logins_count, email, user_id, name …; empty: order of creation
  bool descending = false;
  int64_t offset = 0, limit = 50;
};

/// Search returns at most this many users, as Auth0's does.
inline constexpr int64_t kMaxSearchResults = 1000;

/// Compiles a search. Reads its own writes: it looks at the identifier columns and at user_terms, which change in the user's transaction.
/// Errors: invalid_argument with a sentence (syntax, wildcards or ranges on user_metadata, too short a suffix, a bad date).
Result<UserQuery> compile_user_query(const TenantId& tenant, const UserSearch& search);

/// Ids of the users found, in order.
Result<std::vector<UserId>> find_users(storage::Reader& reader, const TenantId& tenant, const UserSearch& search);
/// How many there are, counting no further than kMaxSearchResults.
Result<int64_t> count_users(storage::Reader& reader, const TenantId& tenant, const UserSearch& search);

}  // namespace gatehouse::model
