#include "jobs/jobs.h"

namespace gatehouse::jobs {

Result<void> remove_in_batches(storage::Database& db, const std::function<Result<int64_t>(storage::Transaction& tx, int64_t batch)>& remove,
                               int64_t batch) {
  for (;;) {
    TRY(const int64_t removed, db.write([&](storage::Transaction& tx) { return remove(tx, batch); }));
    if (removed < batch) return {};
  }
}

}  // namespace gatehouse::jobs
