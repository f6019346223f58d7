#include "app/parts.h"

namespace gatehouse::app {

void App::Parts::register_jobs() {
  const auto expire = [this](std::string name, auto& store) {
    jobs.every("expire " + name, seconds(60), [this, &store] {
      return jobs::remove_in_batches(
          *db, [&](storage::Transaction& tx, int64_t batch) { return store.remove_expired(tx, clock->now(), batch); });
    });
  };
  expire("login transactions", transactions);
  expire("sessions", sessions);
  expire("authorization codes", authorization_codes);
  expire("refresh tokens", refresh_tokens);
  expire("tickets", tickets);
  expire("login failures", login_failures);
  expire("rate buckets", rate_buckets);
  expire("assertion ids", used_jtis);
  events.keep_for(jobs, std::chrono::hours(24) * settings.log_retention_days);
}

}  // namespace gatehouse::app
