#pragma once
#include <optional>
#include <span>
#include <vector>

#include "model/users/user.h"
#include "storage/bulk_insert.h"

namespace gatehouse::model {

/// A user that is to be inserted; its id and position are set.
struct NewUser {
  User user;
  std::optional<PasswordCredential> password{};
};

/// One identifier of a user: what the table `user_identifiers` keeps unique.
struct UserIdentifier {
  std::string connection, kind, value;
  auto operator<=>(const UserIdentifier&) const = default;
};
/// Those of all its accounts.
std::vector<UserIdentifier> identifiers_of(const User& user);
/// The column `users.identities`.
std::string identities_json(const User& user);

/// Users of one tenant as the rows of the four tables that hold them, sorted by key. All serialising happens here, outside the unit of work.
class UserBatch {
 public:
  explicit UserBatch(std::span<const NewUser> users);
  /// Inserts all of them. Errors: unique_violation (an identifier or an id is taken; nothing is known about which).
  Result<void> insert(storage::Transaction& tx) const;

 private:
  std::optional<TenantId> tenant_;
  int64_t count_ = 0;
  storage::BulkInsert users_, identifiers_, passwords_, terms_;
};

}  // namespace gatehouse::model
