#include "logs/event_log.h"

#include "base/json_text.h"
#include "logs/codes.h"
#include "logs/redaction.h"

namespace gatehouse::logs {
namespace {

constexpr size_t kMaxDetails = 32 * 1024;  // bytes as JSON
constexpr int64_t kRemoveAtOnce = 5'000;   // rows a unit of work, so that clean-up never holds the writer for long

constexpr seconds kAfterFailure{1};

std::string random_digits(crypto::Random& random, size_t count) {
  std::string out;
  for (const char c : random.bytes(count)) out += char('0' + static_cast<unsigned char>(c) % 10);
  return out;
}

}  // namespace

DatabaseEventLog::DatabaseEventLog(storage::Database& db, const Clock& clock, crypto::Random& random, EventLogOptions options,
                                   Report report)
    : db_(db), clock_(clock), options_(options), report_(std::move(report)), node_(random_digits(random, 13)) {}

DatabaseEventLog::~DatabaseEventLog() { stop(); }

std::string DatabaseEventLog::next_id(Timestamp now) {
  const std::lock_guard lock(id_mutex_);
  // A clock that is set back must not make events sort before older ones: readers by checkpoint would never see them.
  last_ = std::max(last_, now);
  const std::string number = std::to_string(++counter_);
  std::string id = model::log_id_prefix(last_);
  id.reserve(id.size() + 20 + node_.size());
  return id.append(20 - number.size(), '0').append(number).append(node_);
}

model::LogEntry DatabaseEventLog::entry_of(Event event) const {
  const auto text = [](std::string& in, size_t max = 500) {
    if (!is_clean_text(in, max)) in = clean_text(in, max);
    return std::move(in);
  };
  model::LogEntry entry;
  entry.tenant = std::move(event.tenant);
  entry.date = clock_.now();
  const EventCode* code = event.description.empty() ? find_event_code(event.type) : nullptr;
  entry.description = code ? std::string(code->name) : text(event.description, 2'000);
  entry.type = text(event.type, 64);
  entry.client_id = clean_text(event.client.str(), 500);
  entry.client_name = text(event.client_name);
  entry.user_id = clean_text(event.user.str(), 500);
  entry.user_name = text(event.user_name);
  entry.connection = text(event.connection);
  entry.connection_id = text(event.connection_id);
  entry.strategy = text(event.strategy);
  entry.strategy_type = text(event.strategy_type);
  entry.ip = text(event.ip);
  entry.hostname = text(event.hostname);
  entry.user_agent = text(event.user_agent);
  entry.organization_id = text(event.organization_id);
  entry.data.clear();
  JsonObjectText data(entry.data);
  if (!event.audience.empty()) data.add("audience", text(event.audience, 2'000));
  if (!event.scope.empty()) data.add("scope", text(event.scope, 8'000));
  if (!event.tracking_id.empty()) data.add("tracking_id", text(event.tracking_id));
  if (!event.auth0_client.empty()) data.add("auth0_client", redacted(event.auth0_client));
  if (!event.details.empty() || !event.session_id.empty()) {
    json::value details = redacted(event.details);
    if (json::serialize(details).size() > kMaxDetails) details = {{"truncated", true}};
    if (!event.session_id.empty()) details.as_object()["session_id"] = text(event.session_id);
    data.add("details", details);
  }
  data.close();
  return entry;
}

Result<void> DatabaseEventLog::write(storage::Transaction& tx, const Event& event) {
  if (event.tenant.empty()) return {};
  model::LogEntry entry = entry_of(event);
  entry.log_id = next_id(entry.date);
  store_.insert(tx, {&entry, 1});
  return {};
}

void DatabaseEventLog::enqueue(Event event) {
  if (event.tenant.empty()) return;
  model::LogEntry entry = entry_of(std::move(event));
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= options_.queue) {
      ++dropped_;
      return;
    }
    queue_.push_back(std::move(entry));
    if (queue_.size() != 1 && queue_.size() != options_.batch) return;
  }
  wake_.notify_one();
}

Result<void> DatabaseEventLog::flush() {
  for (;;) {
    std::vector<model::LogEntry> batch;
    {
      const std::lock_guard lock(mutex_);
      while (!queue_.empty() && batch.size() < options_.batch) {
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    if (batch.empty()) return {};
    const Result<void> written = db_.write([&](storage::Transaction& tx) -> Result<void> {
      for (model::LogEntry& entry : batch) entry.log_id = next_id(clock_.now());
      store_.insert(tx, batch);
      return {};
    });
    if (!written) {
      put_back(std::move(batch), written.error());
      return written;
    }
  }
}

/// While the database is away events go on waiting, as far as there is room; what it refuses it would refuse again.
void DatabaseEventLog::put_back(std::vector<model::LogEntry> batch, const Error& error) {
  const bool away =
      error.code == Errc::unavailable || error.code == Errc::timeout || error.code == Errc::overloaded || error.code == Errc::storage_full;
  const std::lock_guard lock(mutex_);
  while (!batch.empty() && away && !stopping_ && queue_.size() < options_.queue) {
    queue_.push_front(std::move(batch.back()));
    batch.pop_back();
  }
  dropped_ += batch.size();
}

void DatabaseEventLog::run() {
  for (;;) {
    bool last = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      wake_.wait_for(lock, options_.flush, [&] { return stopping_ || queue_.size() >= options_.batch; });
      last = stopping_;
    }
    const Result<void> done = flush();
    if (!done && report_) report_(done.error());
    if (last) return;
    if (!done) {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kAfterFailure, [&] { return stopping_; });
    }
  }
}

void DatabaseEventLog::start() {
  thread_ = std::thread([this] { run(); });
}

void DatabaseEventLog::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DatabaseEventLog::keep_for(jobs::JobQueue& jobs, seconds keep) {
  jobs.every("logs", std::chrono::hours(1), [this, keep] {
    return jobs::remove_in_batches(
        db_, [&](storage::Transaction& tx, int64_t batch) { return store_.remove_before(tx, clock_.now() - keep, batch); }, kRemoveAtOnce);
  });
}

}  // namespace gatehouse::logs
