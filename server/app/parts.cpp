#include "app/mounted.h"

namespace gatehouse::app {
namespace {

/// Failures of background work go to the server's log.
auto report_to(ServerLog& log, const char* event) {
  return [&log, event](std::string_view what, const Error& error) { log.error(event, {{"what", what}, {"message", error.message}, {"detail", error.detail}}); };
}

}  // namespace

App::Parts::Parts(config::Settings s, std::unique_ptr<Clock> c, std::unique_ptr<crypto::Random> r, std::unique_ptr<JsonLog> l, TlsFiles t,
                  crypto::MasterKeys master_keys, std::unique_ptr<storage::Database> database)
    : settings(std::move(s)),
      clock(std::move(c)),
      random(std::move(r)),
      log(std::move(l)),
      tls(std::move(t)),
      sealer(std::move(master_keys), *random),
      db(std::move(database)),
      jobs(*db, *clock, *random, {}, report_to(*log, "job_failed")),
      events(*db, *clock, *random, {}, [this](const Error& error) { report_to(*log, "events_lost")("tenant log", error); }),
      hasher({.permits = size_t(settings.hash_permits),
              .memory_kib = unsigned(settings.hash_memory_kib),
              .passes = unsigned(settings.hash_passes),
              .max_wait_ms = unsigned(settings.hash_max_wait_ms)},
             *random),
      protection(*db, tenants, messenger, *random, *clock),
      database_connection({*db, users, tickets, sessions, refresh_tokens, hasher, *random, *clock, events, messenger}),
      sign_in({*db, users, sessions, transactions, hasher, *random, *clock, events, protection}) {}

App::Parts::~Parts() = default;

http::ServerHooks App::Parts::hooks() { return make_hooks(hosts, login->error_page(), *log, *metrics, settings.log_requests); }

}  // namespace gatehouse::app
