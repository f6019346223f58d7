#include "app/parts.h"

namespace gatehouse::app {
namespace {

constexpr int64_t kBatch = 1'000;  // rows a unit of work: writers in line behind it wait for a moment only

/// Removes in batches until a batch is not full.
Result<void> in_batches(storage::Database& db, const std::function<Result<int64_t>(storage::Transaction&)>& remove) {
  for (;;) {
    TRY(const int64_t removed, db.write([&](storage::Transaction& tx) { return remove(tx); }));
    if (removed < kBatch) return {};
  }
}

}  // namespace

void App::Parts::register_jobs() {
  const auto expire = [this](std::string name, auto& store) {
    jobs.every("expire " + name, seconds(60), [this, &store] {
      return in_batches(*db, [&](storage::Transaction& tx) { return store.remove_expired(tx, clock->now(), kBatch); });
    });
  };
  expire("login transactions", transactions);
  expire("sessions", sessions);
  expire("authorization codes", authorization_codes);
  expire("refresh tokens", refresh_tokens);
  expire("tickets", tickets);
  expire("login failures", login_failures);
  expire("rate buckets", rate_buckets);
  events.keep_for(jobs, std::chrono::hours(24) * settings.log_retention_days);
  jobs.every("expire assertion ids", seconds(300), [this] {
    return in_batches(*db, [this](storage::Transaction& tx) -> Result<int64_t> {
      return tx.execute("DELETE FROM used_jtis WHERE (tenant, issuer, jti) IN (SELECT tenant, issuer, jti FROM used_jtis WHERE expires_at < $1 LIMIT $2)", clock->now(), kBatch);
    });
  });
}

}  // namespace gatehouse::app
