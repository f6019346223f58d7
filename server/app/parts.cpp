#include "app/mounted.h"

namespace gatehouse::app {
namespace {

/// Failures of background work go to the server's log.
auto report_to(ServerLog& log, const char* event) {
  return [&log, event](std::string_view what, const Error& error) {
    log.error(event, {{"what", what}, {"message", error.message}, {"detail", error.detail}});
  };
}

/// Where outbound calls may go (CONTRACT.md): loopback and plain http only for development, private networks only where named.
http::OutboundPolicy outbound_policy(const config::Settings& settings, const TlsFiles& tls) {
  http::OutboundPolicy policy;
  policy.allow_loopback = policy.allow_plain_http = config::is_local_issuer(settings.issuer);
  if (policy.allow_loopback) policy.extra_ca_file = tls.ca_file;  // servers of the same machine, with certificates of the same CA
  for (const std::string& network : settings.outbound_allow)
    if (Result<http::Cidr> cidr = http::Cidr::parse(network)) policy.allow.push_back(*cidr);
  return policy;
}

}  // namespace

App::Parts::Parts(config::Settings s, std::unique_ptr<Clock> c, std::unique_ptr<crypto::Random> r, std::unique_ptr<JsonLog> l, TlsFiles t,
                  crypto::MasterKeys master_keys, std::unique_ptr<storage::Database> database,
                  std::unique_ptr<crypto::LeakedPasswords> leaked)
    : settings(std::move(s)),
      clock(std::move(c)),
      random(std::move(r)),
      log(std::move(l)),
      tls(std::move(t)),
      sealer(std::move(master_keys), *random),
      db(std::move(database)),
      jobs(*db, *clock, *random, {}, report_to(*log, "job_failed")),
      events(*db, *clock, *random, {}, [this](const Error& error) { report_to(*log, "events_lost")("tenant log", error); }),
      messenger({jobs, tenants, sealer, *clock, outbound_policy(settings, tls), settings.data + "/outbox"},
                [this](const auto& problem) { tell(problem); }),
      outbound(http::make_client(outbound_policy(settings, tls))),
      hasher({.permits = size_t(settings.hash_permits),
              .memory_kib = unsigned(settings.hash_memory_kib),
              .passes = unsigned(settings.hash_passes),
              .max_wait_ms = unsigned(settings.hash_max_wait_ms)},
             *random),
      leaked_passwords(std::move(leaked)),
      protection(*db, tenants, messenger, *random, *clock, {leaked_passwords.get(), &events}),
      captcha({*db, tenants, sealer, *random, *clock, *outbound}),
      database_connection({*db, users, tickets, sessions, refresh_tokens, hasher, *random, *clock, events, messenger, &tenants,
                           leaked_passwords.get()}),
      upstream({*outbound, sealer, *random, *clock, config::is_local_issuer(settings.issuer)}),
      mfa({*db, tenants, messenger, sealer, *random, *clock, events}),
      sign_in({*db, users, sessions, transactions, hasher, *random, *clock, events, protection, mfa}) {}

App::Parts::~Parts() = default;

/// A message that will not be sent shows up in the tenant's log; one that was sent with our own template instead of the tenant's, in ours.
void App::Parts::tell(const messaging::DatabaseMessenger::Problem& problem) {
  log->warn(
      "message_problem",
      {{"tenant", problem.tenant.str()}, {"template", problem.template_name}, {"lost", problem.lost}, {"what", problem.error.message}});
  if (!problem.lost) return;
  logs::Event event;
  event.tenant = problem.tenant;
  event.type = "fn";
  event.description = problem.error.message;
  event.details = {{"template", problem.template_name}, {"to", problem.to}};
  events.enqueue(std::move(event));
}

http::ServerHooks App::Parts::hooks() {
  return make_hooks(
      hosts, login->error_page(), [this](const http::Request& request) { return login->turned_away(request); }, *log, *metrics,
      settings.log_requests);
}

}  // namespace gatehouse::app
