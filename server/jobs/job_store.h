#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "jobs/jobs.h"
#include "storage/database.h"

namespace gatehouse::jobs {

/// The rows of `jobs` and `periodic_work`.
class JobStore {
 public:
  /// `owner` names this process among all nodes.
  explicit JobStore(std::string owner) : owner_(std::move(owner)) {}

  Result<void> insert(storage::Transaction& tx, const Job& job, bool long_work) const;
  [[nodiscard]] Result<std::optional<Job>> find(storage::Reader& reader, const TenantId& tenant, std::string_view id) const;
  [[nodiscard]] Result<bool> has_due(storage::Reader& reader, Timestamp now, bool long_ones) const;
  [[nodiscard]] Result<int64_t> count_active(storage::Reader& reader, const TenantId& tenant, std::string_view type) const;
  /// Leases the job that has been due for longest, long ones only where wanted; counts the attempt.
  Result<std::optional<Job>> claim(storage::Transaction& tx, Timestamp now, seconds lease, bool long_ones) const;
  /// Ends the leases of everybody: whoever held one is dead.
  Result<void> free_all(storage::Transaction& tx, Timestamp now) const;
  /// Errors: unavailable, when the lease was lost to another node.
  Result<void> save(storage::Transaction& tx, const Job& job, const json::object& state) const;
  /// The ends of an attempt. They do nothing when the lease was lost to another node meanwhile.
  Result<void> renew(storage::Transaction& tx, const Job& job, Timestamp lease_until) const;
  Result<void> complete(storage::Transaction& tx, const Job& job, Timestamp now) const;
  Result<void> retry(storage::Transaction& tx, const Job& job, std::string_view error, Timestamp due_at, Timestamp now) const;
  /// Gives it back as if it had not been tried.
  Result<void> release(storage::Transaction& tx, const Job& job, Timestamp now) const;
  Result<void> fail(storage::Transaction& tx, const Job& job, std::string_view error, Timestamp now) const;
  /// Removes up to `limit` jobs that were over before then. Rows removed.
  Result<int64_t> remove_over(storage::Transaction& tx, Timestamp before, int64_t limit) const;

  [[nodiscard]] Result<bool> periodic_is_due(storage::Reader& reader, std::string_view name, Timestamp now) const;
  /// Whether this node may do it now.
  Result<bool> claim_periodic(storage::Transaction& tx, std::string_view name, Timestamp now, seconds lease) const;
  Result<void> finish_periodic(storage::Transaction& tx, std::string_view name, Timestamp next_at) const;

 private:
  std::string owner_;
};

}  // namespace gatehouse::jobs
