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
  expire("one-time codes", one_time_codes);
  expire("enrolments of second factors", authentication_methods);
  expire("mfa tokens", mfa_tokens);
  expire("known browsers", known_browsers);
  expire("logins elsewhere", upstream_store);
  expire("webauthn challenges", webauthn_challenges);
  expire("login failures", login_failures);
  expire("rate buckets", rate_buckets);
  expire("assertion ids", used_jtis);
  const auto expire_orphans = [this](std::string name, auto remove) {
    jobs.every("expire " + name, seconds(600), [this, remove] {
      constexpr std::chrono::hours longest_upload{2};
      return jobs::remove_in_batches(
          *db, [&](storage::Transaction& tx, int64_t batch) { return remove(tx, clock->now() - longest_upload, batch); }, 4);
    });
  };
  expire_orphans("job files", &jobs::JobFiles::remove_orphans);
  expire_orphans("job errors", &jobs::JobErrors::remove_orphans);
  events.keep_for(jobs, std::chrono::hours(24) * settings.log_retention_days);
}

}  // namespace gatehouse::app
