#include "storage/postgres/change_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "storage/errors.h"

namespace gatehouse::storage::postgres {
namespace {

constexpr auto channel = "gatehouse_changes";
constexpr milliseconds beat{1'000};  // how stale an `inline` answer may be when a notification is lost
constexpr auto notify_sql = "SELECT pg_notify('gatehouse_changes', $1)";
constexpr auto count_sql =
    "INSERT INTO change_counters (tenant, slot, version) VALUES ($1, $2, 1) "
    "ON CONFLICT (tenant, slot) DO UPDATE SET version = change_counters.version + 1 RETURNING version";
constexpr auto versions_sql = "SELECT tenant, slot, version FROM change_counters";

/// A silent server must be noticed within a heartbeat or two.
DatabaseOptions impatient(DatabaseOptions options) {
  options.statement_timeout = std::min(options.statement_timeout, beat);
  return options;
}

}  // namespace

ChangeWatch::ChangeWatch(DatabaseOptions options, std::string node)
    : options_(impatient(std::move(options))),
      node_(std::move(node)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { loop(); }) {}

ChangeWatch::~ChangeWatch() {
  stopping_ = true;
  const uint64_t one = 1;
  (void)!::write(wake_, &one, sizeof one);
  thread_.join();
  ::close(wake_);
}

void ChangeWatch::subscribe(Database::Subscriber subscriber) {
  const std::lock_guard lock(subscribers_mutex_);
  subscribers_.push_back(std::move(subscriber));
}

void ChangeWatch::announce(const TenantId& tenant, std::string_view what) const {
  const std::lock_guard lock(subscribers_mutex_);
  for (const Database::Subscriber& subscriber : subscribers_) subscriber(tenant, what);
}

Result<void> ChangeWatch::commit(Connection& connection, const std::vector<std::pair<TenantId, std::string>>& changes) {
  std::vector<TenantId> counted;
  for (const auto& [tenant, what] : changes) {
    if (std::find(counted.begin(), counted.end(), tenant) != counted.end()) continue;
    counted.push_back(tenant);
    connection.queue(count_sql, {tenant, connection.slot()});
  }
  for (const auto& [tenant, what] : changes) connection.queue(notify_sql, {node_ + "\n" + tenant.str() + "\n" + what});
  TRY(const std::vector<Rows> answers, connection.commit());
  const size_t first = answers.size() - changes.size() - counted.size();  // what the unit of work had queued came before ours
  // In this order: who saw this commit in its own transaction finds either the caches dropped or the sum still different.
  for (const auto& [tenant, what] : changes) announce(tenant, what);
  for (size_t i = 0; i < counted.size(); ++i) note_own(counted[i].str(), connection.slot(), answers.at(first + i).at(0).int64(0));
  return {};
}

/// Our own changes are announced precisely; counting them here keeps the sum from looking like another node's.
void ChangeWatch::note_own(const std::string& tenant, int64_t slot, int64_t version) {
  const std::lock_guard lock(mutex_);
  int64_t& known = versions_[{tenant, slot}];
  sum_ += version - known;
  known = version;
}

Result<void> ChangeWatch::compare(Connection& connection) {
  const std::optional<int64_t> seen = connection.changes_seen();
  if (!seen || *seen == sum_) return {};
  return look(connection);
}

Result<void> ChangeWatch::look(Connection& connection) {
  TRY(const Rows rows, connection.query(versions_sql, {}));
  std::vector<TenantId> changed;
  {
    const std::lock_guard lock(mutex_);
    int64_t sum = 0;
    for (const Row& row : rows) {
      int64_t& known = versions_[{row.text(0), row.int64(1)}];
      if (known != row.int64(2) && (changed.empty() || changed.back().str() != row.text(0))) changed.emplace_back(row.text(0));
      known = row.int64(2);
      sum += known;
    }
    sum_ = sum;
  }
  for (const TenantId& tenant : changed) announce(tenant, "");
  return {};
}

void ChangeWatch::heard(std::string_view payload) const {
  const size_t first = payload.find('\n'), second = payload.find('\n', first + 1);
  if (first == payload.npos || second == payload.npos || payload.substr(0, first) == node_) return;
  announce(TenantId(std::string(payload.substr(first + 1, second - first - 1))), payload.substr(second + 1));
}

void ChangeWatch::loop() {
  while (!stopping_) {
    if (Result<std::unique_ptr<Connection>> connection = Connection::open(options_)) (void)follow(**connection);
    listening_ = false;
    if (stopping_) return;
    pollfd descriptor{wake_, POLLIN, 0};
    (void)::poll(&descriptor, 1, static_cast<int>(beat.count()));
  }
}

Result<void> ChangeWatch::follow(Connection& connection) {
  TRY_VOID(connection.listen(channel));
  TRY_VOID(look(connection));  // what was missed while nobody listened
  listening_ = true;
  while (!stopping_) {
    TRY(const std::vector<std::string> payloads, connection.wait_for_notifications(beat, wake_));
    for (const std::string& payload : payloads) heard(payload);
    if (payloads.empty()) TRY_VOID(heartbeat(connection));
  }
  return {};
}

/// Proves that the server still answers, and catches what no notification told.
Result<void> ChangeWatch::heartbeat(Connection& connection) {
  TRY(const Rows rows, connection.query(change_sum_sql, {}));
  return rows.at(0).int64(0) == sum_ ? Result<void>() : look(connection);
}

}  // namespace gatehouse::storage::postgres
