#pragma once
#include <string>
#include <vector>

#include "model/users/user_store.h"

namespace gatehouse::model {

struct UserSearch {
  std::string q;           ///< Lucene (model/users/lucene.h); empty: everybody
  std::string connection;  ///< only users of this connection; empty: all
  std::string sort_field;  ///< created_at, last_login, email, name, user_metadata.x …; empty: the order of the index that was used
  bool descending = false;
  int64_t offset = 0, limit = 50;
  bool with_total = false;
};

/// Search returns at most this many users, as Auth0's does, and counts no further.
inline constexpr int64_t kMaxSearchResults = 1000;

struct UsersFound {
  std::vector<User> users;
  int64_t total = 0;  ///< with_total: how many there are, kMaxSearchResults at most
};

/// One page of a search. It starts from the index that leads to the fewest users and asks the others about each of those, so that its
/// cost follows what it finds rather than how many users there are. Reads its own writes: user_terms changes in the user's transaction.
/// Users without a value to sort by come last. Whoever asks for what no index leads to waits for kSearchTime at most.
/// Errors: invalid_argument with a sentence (parse_user_query), timeout (too many users to look at).
Result<UsersFound> search_users(storage::Reader& reader, const UserStore& store, const TenantId& tenant, const UserSearch& search);

inline constexpr milliseconds kSearchTime{2'000};

}  // namespace gatehouse::model
