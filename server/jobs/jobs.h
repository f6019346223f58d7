#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "storage/database.h"

namespace gatehouse::jobs {

/// Attempts after which a job has failed.
inline constexpr int64_t kMaxAttempts = 8;

/// Background work as rows: leased by a node, retried with backoff, at least once.
struct Job {
  std::string id;  ///< job_ + 16, as GET /api/v2/jobs/{id} shows it
  TenantId tenant;
  std::string type;  ///< verification_email, mail, …
  json::object payload;
  std::string status;  ///< pending, processing, completed, failed
  int64_t attempts = 0;
  Timestamp created_at{};
  json::object state{};  ///< what it shows of itself, and where it goes on after an interruption; outlives the payload
};

/// What a job may be added with, where the usual does not do.
struct NewJob {
  std::string id{};        ///< empty: a new one
  json::object state{};
};

/// Long work (imports, exports) is done by one thread of a node, so that mails never wait for it.
enum class Length { brief, long_ };

class JobQueue {
 public:
  virtual ~JobQueue() = default;
  /// Inserts the job in the caller's unit of work and wakes the runner after the commit. Returns its id.
  virtual Result<std::string> add(storage::Transaction& tx, const TenantId& tenant, std::string_view type, const json::object& payload,
                                  Timestamp now, NewJob details = {}) = 0;
  virtual Result<std::optional<Job>> find(storage::Reader& reader, const TenantId& tenant, std::string_view id) = 0;
  /// Says how jobs of a type are done. The handler may block; an error is retried with backoff (kMaxAttempts at most), but for
  /// invalid_argument: such a job will never succeed and has failed at once.
  using Work = std::function<Result<void>(const Job&)>;
  virtual void handle(std::string type, Work work, Length length = Length::brief) = 0;
  /// Keeps a running job's state, in the unit of work with what the job did. Errors: unavailable, when another node has taken the job
  /// over: nothing of the unit may then be stored.
  virtual Result<void> save(storage::Transaction& tx, const Job& job, const json::object& state) = 0;
  /// Jobs of a type that are waiting or running.
  virtual Result<int64_t> count_active(storage::Reader& reader, const TenantId& tenant, std::string_view type) = 0;
  /// Whether stop() was called: long work leaves off with Errc::unavailable at the next point from which it can go on, and is taken up
  /// again by whoever comes next.
  [[nodiscard]] virtual bool stopping() const = 0;
  /// Runs `work` about every `period` on one node at a time (clean-up of expired rows).
  virtual void every(std::string name, seconds period, std::function<Result<void>()> work) = 0;
  virtual void start() = 0;
  virtual void stop() = 0;  ///< waits for what is running
};

/// Removes rows in units of work of `batch` each until one is not full: writers in line behind it wait for a moment only. `remove` takes the
/// most rows it may remove and says how many it did. Blocks.
Result<void> remove_in_batches(storage::Database& db, const std::function<Result<int64_t>(storage::Transaction& tx, int64_t batch)>& remove,
                               int64_t batch = 1'000);

}  // namespace gatehouse::jobs
