#pragma once
#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "crypto/random.h"
#include "jobs/job_store.h"
#include "jobs/jobs.h"

namespace gatehouse::jobs {

struct JobQueueOptions {
  size_t threads = 3;        ///< jobs worked on at once by this node, one long one among them
  milliseconds poll{2'000};  ///< how often to look for rows that nobody announced (retries, other nodes' leases)
  seconds lease{60};         ///< renewed at a third of it while the work runs
  int64_t max_attempts = kMaxAttempts;
  seconds first_retry{5};   ///< three and a half times as long each time: 5 s, 17 s, 1 min … 2½ h, nearly four hours in all
  seconds keep{24 * 3600};  ///< how long rows of jobs that are over stay
};

/// JobQueue on the database. Register handlers and periodic work before start().
class DatabaseJobQueue final : public JobQueue {
 public:
  /// Told about failed attempts and failed periodic work (server log); may be called from several threads.
  using Report = std::function<void(std::string_view what, const Error& error)>;
  DatabaseJobQueue(storage::Database& db, const Clock& clock, crypto::Random& random, JobQueueOptions options = {}, Report report = {});
  ~DatabaseJobQueue() override;

  Result<std::string> add(storage::Transaction& tx, const TenantId& tenant, std::string_view type, const json::object& payload,
                          Timestamp now, NewJob details = {}) override;
  Result<std::optional<Job>> find(storage::Reader& reader, const TenantId& tenant, std::string_view id) override;
  void handle(std::string type, Work work, Length length = Length::brief) override;
  Result<void> save(storage::Transaction& tx, const Job& job, const json::object& state) override;
  Result<int64_t> count_active(storage::Reader& reader, const TenantId& tenant, std::string_view type) override;
  [[nodiscard]] bool stopping() const override;
  void every(std::string name, seconds period, std::function<Result<void>()> work) override;
  void start() override;
  void stop() override;

  /// Does all that is due on the caller's thread (tests, and commands that must not leave work behind). Jobs done.
  Result<size_t> run_due();
  /// Does the periodic work that is due on the caller's thread.
  Result<void> run_periodic();

 private:
  struct Periodic {
    std::string name;
    seconds period;
    std::function<Result<void>()> work;
  };

  struct Handler {
    Work work;
    Length length;
  };

  Result<bool> run_one();
  [[nodiscard]] bool is_long(std::string_view type) const;
  Result<void> perform(const Job& job);
  void work_on_jobs();
  void work_periodically();
  void renew_leases();
  /// Sleeps; false once stop() was called.
  bool pause(milliseconds time, uint64_t& seen);
  void report(std::string_view what, const Error& error) const;

  storage::Database& db_;
  const Clock& clock_;
  crypto::Random& random_;
  const JobQueueOptions options_;
  const Report report_;
  const JobStore store_;
  std::map<std::string, Handler, std::less<>> handlers_;  ///< fixed once started
  std::vector<Periodic> periodic_;                     ///< fixed once started

  std::mutex claim_mutex_;  ///< threads of one process claim one after the other, so that they do not collide in the database
  mutable std::mutex mutex_;  ///< guards the rest
  std::condition_variable wake_;
  bool stopping_ = false;
  bool idle_ = false;       ///< after stopping: nothing runs any more, leases need no renewal
  uint64_t announced_ = 0;  ///< add() calls so far
  size_t long_running_ = 0;
  std::map<std::string, Job> running_;
  std::vector<std::thread> threads_;
  std::thread renewer_;
};

}  // namespace gatehouse::jobs
