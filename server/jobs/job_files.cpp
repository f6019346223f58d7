#include "jobs/job_files.h"

namespace gatehouse::jobs {
namespace {

constexpr std::string_view kAdd = "INSERT INTO job_files (tenant, job_id, number, content, created_at) VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kRead = "SELECT content FROM job_files WHERE tenant = $1 AND job_id = $2 AND number = $3";
constexpr std::string_view kRemoveBefore =
    "DELETE FROM job_files WHERE tenant = $1 AND job_id = $2 AND number IN (SELECT number FROM job_files WHERE tenant = $1 AND job_id = $2 "
    "AND number < $3 ORDER BY number LIMIT $4)";
constexpr std::string_view kRemoveOrphans =
    "DELETE FROM job_files WHERE (tenant, job_id, number) IN (SELECT tenant, job_id, number FROM job_files f WHERE created_at < $1 AND NOT "
    "EXISTS (SELECT 1 FROM jobs j WHERE j.tenant = f.tenant AND j.id = f.job_id) ORDER BY created_at LIMIT $2)";

constexpr std::string_view kAddErrors = "INSERT INTO job_errors (tenant, job_id, number, errors, created_at) VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kErrors = "SELECT errors FROM job_errors WHERE tenant = $1 AND job_id = $2 ORDER BY number";
constexpr std::string_view kRemoveOrphanErrors =
    "DELETE FROM job_errors WHERE (tenant, job_id, number) IN (SELECT tenant, job_id, number FROM job_errors f WHERE created_at < $1 AND "
    "NOT EXISTS (SELECT 1 FROM jobs j WHERE j.tenant = f.tenant AND j.id = f.job_id) ORDER BY created_at LIMIT $2)";

std::string context(const TenantId& tenant, std::string_view job, int64_t number) {
  return "job_files/content/" + tenant.str() + "/" + std::string(job) + "/" + std::to_string(number);
}

}  // namespace

std::string JobFiles::seal(const TenantId& tenant, std::string_view job, int64_t number, std::string_view content) const {
  return sealer_.seal(content, context(tenant, job, number));
}

Result<void> JobFiles::add(storage::Transaction& tx, const TenantId& tenant, std::string_view job, int64_t number, std::string_view sealed,
                           Timestamp now) {
  TRY_VOID(tx.execute(kAdd, tenant, job, number, sealed, now));
  return {};
}

Result<std::optional<std::string>> JobFiles::read(storage::Reader& reader, const TenantId& tenant, std::string_view job,
                                                  int64_t number) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(kRead, tenant, job, number));
  if (!row) return std::optional<std::string>{};
  TRY(const SecretString content, sealer_.open(row->text(0), context(tenant, job, number)));
  return std::optional<std::string>(content.reveal());
}

Result<int64_t> JobFiles::remove_before(storage::Transaction& tx, const TenantId& tenant, std::string_view job, int64_t number,
                                        int64_t limit) {
  return tx.execute(kRemoveBefore, tenant, job, number, limit);
}

Result<int64_t> JobFiles::remove_orphans(storage::Transaction& tx, Timestamp before, int64_t limit) {
  return tx.execute(kRemoveOrphans, before, limit);
}

Result<void> JobErrors::add(storage::Transaction& tx, const TenantId& tenant, std::string_view job, int64_t number, std::string_view errors,
                            Timestamp now) {
  TRY_VOID(tx.execute(kAddErrors, tenant, job, number, errors, now));
  return {};
}

Result<std::string> JobErrors::all(storage::Reader& reader, const TenantId& tenant, std::string_view job) {
  TRY(const storage::Rows rows, reader.query(kErrors, tenant, job));
  std::string out;
  for (const storage::Row& row : rows) {
    std::string_view list = row.text(0);
    list.remove_prefix(1);  // [
    list.remove_suffix(1);  // ]
    if (list.empty()) continue;
    out.append(out.empty() ? "[" : ",").append(list);
  }
  if (!out.empty()) out += "]";
  return out;
}

Result<int64_t> JobErrors::remove_orphans(storage::Transaction& tx, Timestamp before, int64_t limit) {
  return tx.execute(kRemoveOrphanErrors, before, limit);
}

}  // namespace gatehouse::jobs
