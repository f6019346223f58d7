#include "management/connections/connection_users.h"

namespace gatehouse::management {
namespace {

constexpr std::string_view kRemoval = "connection_users_removal";
constexpr int64_t at_once = 50;       // users that go with their connection
constexpr int64_t in_one_batch = 20;  // of the others: the writer is busy with them for some milliseconds

}  // namespace

ConnectionUsers::ConnectionUsers(Parts parts) : parts_(parts) {
  parts_.jobs.handle(
      std::string(kRemoval), [this](const jobs::Job& job) { return work(job); }, jobs::Length::long_);
}

Result<void> ConnectionUsers::remove(storage::Transaction& tx, const TenantId& tenant, std::string_view connection, Timestamp now) const {
  TRY(const bool all, parts_.users.remove_of_connection(tx, tenant, connection, at_once));
  if (all) return {};
  TRY(const std::string job, parts_.jobs.add(tx, tenant, kRemoval, {{"connection", connection}}, now));
  return {};
}

Result<bool> ConnectionUsers::name_is_free(storage::Transaction& tx, const TenantId& tenant, std::string_view connection) const {
  TRY(const std::optional<model::StoredObject> taken, parts_.connections.objects().find_by(tx, tenant, "name", connection));
  if (taken) return true;  // its users are its own; that the name is taken is said elsewhere
  return parts_.users.remove_of_connection(tx, tenant, connection, at_once);
}

Result<void> ConnectionUsers::work(const jobs::Job& job) const {
  const std::string connection(get_string(job.payload, "connection").value_or(""));
  for (bool all = false; !all;) {
    if (parts_.jobs.stopping()) return Error{Errc::unavailable, "The server stops; the users are removed later."};
    TRY(all, parts_.db.write([&](storage::Transaction& tx) -> Result<bool> {
      // Another one of that name is none of our business: it was made when no user of the old one was left.
      TRY(const std::optional<model::StoredObject> successor, parts_.connections.objects().find_by(tx, job.tenant, "name", connection));
      if (successor) return true;
      return parts_.users.remove_of_connection(tx, job.tenant, connection, in_one_batch);
    }));
  }
  return {};
}

}  // namespace gatehouse::management
