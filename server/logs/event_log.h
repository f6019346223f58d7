#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "crypto/random.h"
#include "jobs/jobs.h"
#include "logs/event.h"
#include "model/logs/log_store.h"

namespace gatehouse::logs {

struct EventLogOptions {
  size_t queue = 20'000;   ///< events that wait at most; further ones are dropped and counted
  milliseconds flush{50};  ///< how long an event waits for others to share its commit
  size_t batch = 2'500;    ///< events a commit: some milliseconds of the writer, and 60,000 a second on a disk that syncs in 40 ms
};

/// EventLog on the database.
class DatabaseEventLog final : public EventLog {
 public:
  /// Told why a batch could not be written (server log); from the background thread.
  using Report = std::function<void(const Error& error)>;
  DatabaseEventLog(storage::Database& db, const Clock& clock, crypto::Random& random, EventLogOptions options = {}, Report report = {});
  ~DatabaseEventLog() override;

  Result<void> write(storage::Transaction& tx, const Event& event) override;
  void enqueue(Event event) override;

  /// Starts the background thread. Events enqueued before wait for it.
  void start();
  /// Writes what waits and ends the thread; afterwards enqueue() drops.
  void stop();
  /// Writes what waits, on the caller's thread (tests).
  Result<void> flush();
  /// Events dropped because the queue was full or the database refused them.
  [[nodiscard]] uint64_t dropped() const { return dropped_; }

  /// Removes events older than `keep`, every hour on one node.
  void keep_for(jobs::JobQueue& jobs, seconds keep);

 private:
  [[nodiscard]] model::LogEntry entry_of(Event event) const;
  /// Strictly growing in this process, unique among nodes.
  std::string next_id(Timestamp now);
  void put_back(std::vector<model::LogEntry> batch, const Error& error);
  void run();

  storage::Database& db_;
  const Clock& clock_;
  const EventLogOptions options_;
  const Report report_;
  const model::LogStore store_{};
  const std::string node_;  ///< 13 random digits

  std::mutex id_mutex_;
  Timestamp last_{};
  uint64_t counter_ = 0;

  std::mutex mutex_;  ///< guards queue_ and stopping_
  std::condition_variable wake_;
  std::deque<model::LogEntry> queue_;
  bool stopping_ = false;
  std::atomic<uint64_t> dropped_ = 0;
  std::thread thread_;
};

}  // namespace gatehouse::logs
