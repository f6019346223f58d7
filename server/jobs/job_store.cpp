#include "jobs/job_store.h"

namespace gatehouse::jobs {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO jobs (tenant, id, type, payload, status, attempts, due_at, created_at, updated_at, state, long) VALUES ($1, $2, $3, $4, "
    "'pending', 0, $5, $6, $7, $8, $9)";
constexpr std::string_view kFind = "SELECT tenant, id, type, payload, status, attempts, created_at, state FROM jobs WHERE tenant = $1 AND id = $2";
constexpr std::string_view kHasDue = "SELECT 1 FROM jobs WHERE due_at <= $1 AND (long = FALSE OR $2 = TRUE) LIMIT 1";
constexpr std::string_view kCountActive = "SELECT COUNT(*) FROM jobs WHERE due_at >= 0 AND tenant = $1 AND type = $2";
constexpr std::string_view kFreeAll = "UPDATE jobs SET status = 'pending', due_at = $1 WHERE due_at >= 0 AND status = 'processing'";
constexpr std::string_view kSave =
    "UPDATE jobs SET state = $1 WHERE tenant = $2 AND id = $3 AND owner = $4 AND attempts = $5 AND status = 'processing'";
constexpr std::string_view kRelease =
    "UPDATE jobs SET status = 'pending', due_at = $1, updated_at = $2, attempts = attempts - 1 "
    "WHERE tenant = $3 AND id = $4 AND owner = $5 AND attempts = $6 AND status = 'processing'";
constexpr std::string_view kClaim =
    "UPDATE jobs SET status = 'processing', attempts = attempts + 1, owner = $1, due_at = $2, updated_at = $3 "
    "WHERE (tenant, id) IN (SELECT tenant, id FROM jobs WHERE due_at <= $4 AND (long = FALSE OR $5 = TRUE) ORDER BY due_at LIMIT 1) "
    "RETURNING tenant, id, type, payload, status, attempts, created_at, state";
// The attempt's number too: a lease that was lost and won again by this node is another one.
constexpr std::string_view kRenew =
    "UPDATE jobs SET due_at = $1 WHERE tenant = $2 AND id = $3 AND owner = $4 AND attempts = $5 AND status = 'processing'";
constexpr std::string_view kEnd =
    "UPDATE jobs SET status = $1, due_at = NULL, error = $2, payload = '{}', updated_at = $3 "
    "WHERE tenant = $4 AND id = $5 AND owner = $6 AND attempts = $7 AND status = 'processing'";
constexpr std::string_view kRetry =
    "UPDATE jobs SET status = 'pending', due_at = $1, error = $2, updated_at = $3 "
    "WHERE tenant = $4 AND id = $5 AND owner = $6 AND attempts = $7 AND status = 'processing'";
constexpr std::string_view kRemoveOver =
    "DELETE FROM jobs WHERE (tenant, id) IN (SELECT tenant, id FROM jobs WHERE due_at IS NULL AND updated_at < $1 ORDER BY updated_at "
    "LIMIT $2)";
constexpr std::chrono::hours kClockWasSetBack{48};  // work whose next time is farther off was planned before that
constexpr std::string_view kPeriodic = "SELECT next_at, lease_until FROM periodic_work WHERE name = $1";
constexpr std::string_view kClaimPeriodic =
    "INSERT INTO periodic_work (name, owner, lease_until, next_at) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, lease_until = excluded.lease_until "
    "WHERE (periodic_work.next_at <= $4 OR periodic_work.next_at > $5) AND periodic_work.lease_until <= $4";
constexpr std::string_view kFinishPeriodic = "UPDATE periodic_work SET next_at = $1, lease_until = 0 WHERE name = $2 AND owner = $3";

Result<Job> read_job(const storage::Row& row) {
  TRY(json::value payload, parse_json(row.text(3)));
  if (!payload.is_object()) return Error{Errc::internal, "", "jobs.payload of " + row.text(1) + " is no object"};
  TRY(json::value state, parse_json(row.text(7)));
  if (!state.is_object()) return Error{Errc::internal, "", "jobs.state of " + row.text(1) + " is no object"};
  return Job{row.text(1), TenantId(row.text(0)), row.text(2), std::move(payload.get_object()), row.text(4), row.int64(5), row.time(6),
             std::move(state.get_object())};
}

Result<std::optional<Job>> read_optional(const std::optional<storage::Row>& row) {
  if (!row) return std::optional<Job>{};
  TRY(Job job, read_job(*row));
  return std::optional<Job>(std::move(job));
}

}  // namespace

Result<void> JobStore::insert(storage::Transaction& tx, const Job& job, bool long_work) const {
  TRY_VOID(tx.execute(kInsert, job.tenant, job.id, job.type, json::serialize(job.payload), job.created_at, job.created_at, job.created_at,
                      json::serialize(job.state), long_work));
  return {};
}

Result<std::optional<Job>> JobStore::find(storage::Reader& reader, const TenantId& tenant, std::string_view id) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(kFind, tenant, id));
  return read_optional(row);
}

Result<bool> JobStore::has_due(storage::Reader& reader, Timestamp now, bool long_ones) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(kHasDue, now, long_ones));
  return row.has_value();
}

Result<std::optional<Job>> JobStore::claim(storage::Transaction& tx, Timestamp now, seconds lease, bool long_ones) const {
  TRY(const std::optional<storage::Row> row, tx.query_one(kClaim, owner_, now + lease, now, now, long_ones));
  return read_optional(row);
}

Result<int64_t> JobStore::count_active(storage::Reader& reader, const TenantId& tenant, std::string_view type) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(kCountActive, tenant, type));
  return row->int64(0);
}

Result<void> JobStore::free_all(storage::Transaction& tx, Timestamp now) const {
  TRY_VOID(tx.execute(kFreeAll, now));
  return {};
}

Result<void> JobStore::save(storage::Transaction& tx, const Job& job, const json::object& state) const {
  TRY(const int64_t changed, tx.execute(kSave, json::serialize(state), job.tenant, job.id, owner_, job.attempts));
  if (changed == 0) return Error{Errc::unavailable, "Another node has taken this job over."};
  return {};
}

Result<void> JobStore::release(storage::Transaction& tx, const Job& job, Timestamp now) const {
  TRY_VOID(tx.execute(kRelease, now, now, job.tenant, job.id, owner_, job.attempts));
  return {};
}

Result<void> JobStore::renew(storage::Transaction& tx, const Job& job, Timestamp lease_until) const {
  TRY_VOID(tx.execute(kRenew, lease_until, job.tenant, job.id, owner_, job.attempts));
  return {};
}

Result<void> JobStore::complete(storage::Transaction& tx, const Job& job, Timestamp now) const {
  TRY_VOID(tx.execute(kEnd, "completed", nullptr, now, job.tenant, job.id, owner_, job.attempts));
  return {};
}

Result<void> JobStore::retry(storage::Transaction& tx, const Job& job, std::string_view error, Timestamp due_at, Timestamp now) const {
  TRY_VOID(tx.execute(kRetry, due_at, error, now, job.tenant, job.id, owner_, job.attempts));
  return {};
}

Result<void> JobStore::fail(storage::Transaction& tx, const Job& job, std::string_view error, Timestamp now) const {
  TRY_VOID(tx.execute(kEnd, "failed", error, now, job.tenant, job.id, owner_, job.attempts));
  return {};
}

Result<int64_t> JobStore::remove_over(storage::Transaction& tx, Timestamp before, int64_t limit) const {
  return tx.execute(kRemoveOver, before, limit);
}

Result<bool> JobStore::periodic_is_due(storage::Reader& reader, std::string_view name, Timestamp now) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(kPeriodic, name));
  return !row || ((row->time(0) <= now || row->time(0) > now + kClockWasSetBack) && row->time(1) <= now);
}

Result<bool> JobStore::claim_periodic(storage::Transaction& tx, std::string_view name, Timestamp now, seconds lease) const {
  TRY(const int64_t changed, tx.execute(kClaimPeriodic, name, owner_, now + lease, now, now + kClockWasSetBack));
  return changed == 1;
}

Result<void> JobStore::finish_periodic(storage::Transaction& tx, std::string_view name, Timestamp next_at) const {
  TRY_VOID(tx.execute(kFinishPeriodic, next_at, name, owner_));
  return {};
}

}  // namespace gatehouse::jobs
