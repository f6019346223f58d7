#pragma once
#include <map>
#include <span>
#include <string>

#include "model/users/user_batch.h"

namespace gatehouse::model {

/// What of a new user is taken, and by whom.
struct Clash {
  std::string kind;  ///< email, username, phone_number, user_id
  UserId owner;
};

/// Looks for users that have an identifier or the id of one of these, all of one tenant and connection: a few statements for all of them.
/// By index into `users`; a user may clash in several ways.
Result<std::multimap<size_t, Clash>> find_clashes(storage::Reader& reader, std::span<const NewUser* const> users);

}  // namespace gatehouse::model
