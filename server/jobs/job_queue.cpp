#include "jobs/job_queue.h"

#include <cmath>

namespace gatehouse::jobs {
namespace {

// add() announces work that is not committed yet. A woken thread that finds nothing looks again after these pauses.
constexpr milliseconds kSoon[] = {milliseconds(2), milliseconds(8), milliseconds(30), milliseconds(100), milliseconds(300)};

Error from_exception(const std::exception& e) { return Error{Errc::internal, "The work broke off.", e.what()}; }

}  // namespace

DatabaseJobQueue::DatabaseJobQueue(storage::Database& db, const Clock& clock, crypto::Random& random, JobQueueOptions options,
                                   Report report)
    : db_(db), clock_(clock), random_(random), options_(options), report_(std::move(report)), store_(random.alphanumeric(16)) {
  every("jobs", std::chrono::hours(1), [this] {
    return remove_in_batches(
        db_, [this](storage::Transaction& tx, int64_t batch) { return store_.remove_over(tx, clock_.now() - options_.keep, batch); });
  });
}

DatabaseJobQueue::~DatabaseJobQueue() { stop(); }

Result<std::string> DatabaseJobQueue::add(storage::Transaction& tx, const TenantId& tenant, std::string_view type,
                                          const json::object& payload, Timestamp now, NewJob details) {
  if (details.id.empty()) details.id = "job_" + random_.alphanumeric(16);
  Job job{std::move(details.id), tenant, std::string(type), payload, "pending", 0, now, std::move(details.state)};
  TRY_VOID(store_.insert(tx, job, is_long(type)));
  {
    const std::lock_guard lock(mutex_);
    ++announced_;
  }
  wake_.notify_all();
  return std::move(job.id);
}

Result<std::optional<Job>> DatabaseJobQueue::find(storage::Reader& reader, const TenantId& tenant, std::string_view id) {
  return store_.find(reader, tenant, id);
}

void DatabaseJobQueue::handle(std::string type, Work work, Length length) {
  handlers_.insert_or_assign(std::move(type), Handler{std::move(work), length});
}

bool DatabaseJobQueue::is_long(std::string_view type) const {
  const auto handler = handlers_.find(type);
  return handler != handlers_.end() && handler->second.length == Length::long_;
}

Result<void> DatabaseJobQueue::save(storage::Transaction& tx, const Job& job, const json::object& state) {
  return store_.save(tx, job, state);
}

Result<int64_t> DatabaseJobQueue::count_active(storage::Reader& reader, const TenantId& tenant, std::string_view type) {
  return store_.count_active(reader, tenant, type);
}

bool DatabaseJobQueue::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void DatabaseJobQueue::every(std::string name, seconds period, std::function<Result<void>()> work) {
  periodic_.push_back({std::move(name), period, std::move(work)});
}

void DatabaseJobQueue::start() {
  // A file belongs to one process: whoever was working when the last one died will not come back. Elsewhere leases run out.
  if (db_.kind() == "sqlite")
    if (const Result<void> freed = db_.write([&](storage::Transaction& tx) { return store_.free_all(tx, clock_.now()); }); !freed)
      report("freeing the jobs of the last run", freed.error());
  for (size_t i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { work_on_jobs(); });
  threads_.emplace_back([this] { work_periodically(); });
  renewer_ = std::thread([this] { renew_leases(); });
}

void DatabaseJobQueue::stop() {
  const auto tell = [this](bool& flag) {
    const std::lock_guard lock(mutex_);
    flag = true;
    wake_.notify_all();
  };
  tell(stopping_);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  tell(idle_);
  if (renewer_.joinable()) renewer_.join();
}

void DatabaseJobQueue::report(std::string_view what, const Error& error) const {
  if (report_) report_(what, error);
}

bool DatabaseJobQueue::pause(milliseconds time, uint64_t& seen) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, time, [&] { return stopping_ || announced_ != seen; });
  seen = announced_;
  return !stopping_;
}

void DatabaseJobQueue::work_on_jobs() {
  uint64_t seen = 0;
  size_t misses = std::size(kSoon);
  for (;;) {
    const uint64_t before = seen;
    const Result<bool> done = run_one();
    if (!done) report("looking for jobs", done.error());
    milliseconds time = options_.poll;
    if (done && *done)
      time = milliseconds(0);
    else if (misses < std::size(kSoon))
      time = kSoon[misses++];
    if (!pause(time, seen)) return;
    if (seen != before) misses = 0;
  }
}

void DatabaseJobQueue::work_periodically() {
  for (;;) {
    if (const Result<void> done = run_periodic(); !done) report("looking for periodic work", done.error());
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, options_.poll * 5, [&] { return stopping_; })) return;
  }
}

void DatabaseJobQueue::renew_leases() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, options_.lease / 3, [&] { return idle_; })) {
    const std::map<std::string, Job> running = running_;
    if (running.empty()) continue;
    lock.unlock();
    const Result<void> done = db_.write([&](storage::Transaction& tx) -> Result<void> {
      for (const auto& [id, job] : running) TRY_VOID(store_.renew(tx, job, clock_.now() + options_.lease));
      return {};
    });
    if (!done) report("renewing leases", done.error());
    lock.lock();
  }
}

/// Takes a due job and does it; false when none is due.
Result<bool> DatabaseJobQueue::run_one() {
  std::optional<Job> job;
  {
    const std::lock_guard turn(claim_mutex_);
    const Timestamp now = clock_.now();
    const bool long_ones = [&] {
      const std::lock_guard lock(mutex_);
      return long_running_ == 0;
    }();
    TRY(const bool due, db_.read([&](storage::Reader& reader) { return store_.has_due(reader, now, long_ones); }));
    if (!due) return false;
    TRY(job, db_.write([&](storage::Transaction& tx) { return store_.claim(tx, now, options_.lease, long_ones); }));
    if (!job) return false;
    const std::lock_guard lock(mutex_);
    running_.emplace(job->id, *job);
    if (is_long(job->type)) ++long_running_;
  }
  const Result<void> result = perform(*job);
  {
    const std::lock_guard lock(mutex_);
    running_.erase(job->id);
    if (is_long(job->type)) --long_running_;
  }
  const Timestamp now = clock_.now();
  if (!result && !stopping()) report("job " + job->id + " (" + job->type + ")", result.error());
  TRY_VOID(db_.write([&](storage::Transaction& tx) -> Result<void> {
    if (result) return store_.complete(tx, *job, now);
    if (stopping() && result.error().code == Errc::unavailable) return store_.release(tx, *job, now);
    const std::string reason = result.error().message + (result.error().detail.empty() ? "" : ": " + result.error().detail);
    if (job->attempts >= options_.max_attempts || result.error().code == Errc::invalid_argument) return store_.fail(tx, *job, reason, now);
    const double factor = std::pow(3.5, double(job->attempts - 1));
    return store_.retry(tx, *job, reason, now + seconds(int64_t(double(options_.first_retry.count()) * factor)), now);
  }));
  return true;
}

Result<void> DatabaseJobQueue::perform(const Job& job) {
  const auto handler = handlers_.find(job.type);
  // A newer neighbour may have made it (two versions on one database); it is retried until one that knows it takes it.
  if (handler == handlers_.end()) return Error{Errc::unavailable, "This node does not know jobs of type " + job.type + "."};
  try {
    return handler->second.work(job);
  } catch (const std::exception& e) {
    return from_exception(e);
  }
}

Result<size_t> DatabaseJobQueue::run_due() {
  for (size_t count = 0;; ++count) {
    TRY(const bool found, run_one());
    if (!found) return count;
  }
}

Result<void> DatabaseJobQueue::run_periodic() {
  for (const Periodic& periodic : periodic_) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return {};
    }
    const Timestamp now = clock_.now();
    TRY(const bool due, db_.read([&](storage::Reader& reader) { return store_.periodic_is_due(reader, periodic.name, now); }));
    if (!due) continue;
    // Its lease is not renewed: work that outlasts this is done by a second node too, which it must bear anyway.
    TRY(const bool mine,
        db_.write([&](storage::Transaction& tx) { return store_.claim_periodic(tx, periodic.name, now, options_.lease * 10); }));
    if (!mine) continue;
    Result<void> done;
    try {
      done = periodic.work();
    } catch (const std::exception& e) {
      done = from_exception(e);
    }
    if (!done) report("periodic work " + periodic.name, done.error());
    TRY_VOID(db_.write([&](storage::Transaction& tx) { return store_.finish_periodic(tx, periodic.name, now + periodic.period); }));
  }
  return {};
}

}  // namespace gatehouse::jobs
