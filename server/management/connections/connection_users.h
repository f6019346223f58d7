#pragma once
#include "jobs/jobs.h"
#include "model/connections/connection_store.h"
#include "model/users/user_store.h"

namespace gatehouse::management {

/// The end of a deleted connection's users: a few go in the unit of work that deletes it, a job removes the others in short units, so that
/// nobody waits for a million of them.
class ConnectionUsers {
 public:
  struct Parts {
    storage::Database& db;
    jobs::JobQueue& jobs;
    const model::UserStore& users;
    const model::ConnectionStore& connections;
  };
  /// Registers the handler of `connection_users_removal` jobs.
  explicit ConnectionUsers(Parts parts);

  /// For the unit of work that deletes the connection.
  Result<void> remove(storage::Transaction& tx, const TenantId& tenant, std::string_view connection, Timestamp now) const;
  /// For the unit of work that makes a connection: whether its name is free of users of a deleted one. Ends the last few of them itself.
  Result<bool> name_is_free(storage::Transaction& tx, const TenantId& tenant, std::string_view connection) const;

 private:
  Result<void> work(const jobs::Job& job) const;
  Parts parts_;
};

}  // namespace gatehouse::management
