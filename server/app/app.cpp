#include "app/app.h"

#include <sys/stat.h>

#include <cstdio>

#include "app/parts.h"

namespace gatehouse::app {
namespace {

http::ServerOptions server_options(const config::Settings& s, const TlsFiles& tls, const crypto::PasswordHasher& hasher) {
  http::ServerOptions o;
  o.listen = s.listen;
  o.port = s.port;
  if (!s.plain_http) o.tls = http::TlsOptions{tls.cert_file, tls.key_file};
  o.io_threads = size_t(s.io_threads);
  o.max_request_line = size_t(s.max_request_line_bytes);
  o.max_header = size_t(s.max_header_bytes);
  o.max_header_fields = size_t(s.max_header_fields);
  o.max_body = size_t(s.max_body_bytes);
  o.max_connections = size_t(s.max_connections);
  o.max_connections_per_address = size_t(s.max_connections_per_address);
  o.header_timeout = seconds(s.header_timeout_s);
  o.body_idle_timeout = seconds(s.body_timeout_s);
  o.keep_alive_timeout = seconds(s.keep_alive_s);
  o.trusted_proxies = s.trusted_proxies;
  const auto set = [queue = size_t(s.lane_queue)](http::LaneOptions& lane, int64_t threads) {
    lane.threads = size_t(threads);
    lane.queue = queue;
  };
  set(o.store, s.store_threads);
  // Enough that the database's part of some logins goes on while others hash; more would only wait for the cores, out of the queue's sight.
  set(o.sign_in, s.sign_in_threads != 0 ? s.sign_in_threads : int64_t(2 * hasher.permits() + 4));
  set(o.outbound, s.outbound_threads);
  set(o.admin, s.admin_threads);
  o.sign_in.max_wait = milliseconds(s.hash_max_wait_ms);
  // Its threads queue for the cores: what a login waits for is hashes, however many threads there are.
  o.sign_in.expected_wait = [&hasher](size_t ahead) { return hasher.expected_wait(ahead); };
  return o;
}

/// The sentence a first-time operator needs when the name is not one that resolves by itself.
void say_hosts_line(const std::string& issuer) {
  const std::string host = config::issuer_host(issuer);
  const std::string name = host.substr(0, host.find(':'));
  if (name.ends_with(".test"))
    std::fprintf(stderr, "gatehouse: if %s is not known on this machine, add this line to /etc/hosts: 127.0.0.1 %s\n", name.c_str(),
                 name.c_str());
}

}  // namespace

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
App::~App() = default;

Result<std::unique_ptr<App>> App::create(const config::Settings& settings) {
  ::umask(0077);  // what the server writes is its owner's alone
  for (const std::string& network : settings.outbound_allow)
    if (!http::Cidr::parse(network))
      return Error{Errc::invalid_argument, "outbound.allow takes networks such as 10.0.0.0/8, not " + network};
  TRY_VOID(make_data_folder(settings.data));
  auto random = std::make_unique<crypto::SystemRandom>();
  auto clock = std::make_unique<SystemClock>();
  TRY(std::unique_ptr<JsonLog> log, JsonLog::open(settings.log_level, settings.log_file, *clock));
  TRY(TlsFiles tls, prepare_tls(settings, clock->now()));
  TRY(crypto::MasterKeys master_keys, crypto::MasterKeys::load_or_create(settings.master_key, *random));
  storage::DatabaseOptions database_options;
  database_options.url = settings.database;
  database_options.pool_size = size_t(settings.database_pool);
  TRY(std::unique_ptr<storage::Database> database, storage::open_database(database_options));

  std::unique_ptr<crypto::LeakedPasswords> leaked;
  if (!settings.breached_passwords_file.empty()) {
    TRY(leaked, crypto::LeakedPasswords::open(settings.breached_passwords_file));
  }

  auto parts = std::make_unique<Parts>(settings, std::move(clock), std::move(random), std::move(log), std::move(tls),
                                       std::move(master_keys), std::move(database), std::move(leaked));
  const Bootstrap bootstrap{*parts->db,          parts->settings, parts->tls,   parts->sealer, *parts->random, *parts->clock,
                            parts->first_stores, parts->tenants,  parts->users, parts->keys,   parts->hasher};
  TRY_VOID(bootstrap.check_master_key());
  TRY_VOID(bootstrap.ensure_tenant());
  TRY_VOID(parts->hosts.load(*parts->db, parts->tenants));
  TRY_VOID(parts->mount_all());
  parts->register_jobs();
  return std::unique_ptr<App>(new App(std::move(parts)));
}

Result<void> App::start() {
  Parts& p = *parts_;
  TRY(p.server, http::Server::start(server_options(p.settings, p.tls, p.hasher), p.router, p.hooks(), *p.clock));
  if (p.settings.metrics_port != 0) {
    TRY(p.metrics_listener, ops::MetricsListener::start(
                                p.settings.metrics_port, *p.metrics, [&p] { return p.server->load(); }, *p.clock));
  }
  p.events.start();
  p.jobs.start();
  say_hosts_line(p.settings.issuer);
  p.log->info("serving", {{"issuer", p.settings.issuer}, {"database", p.db->kind()}, {"port", p.server->port()}});
  return {};
}

void App::stop() {
  Parts& p = *parts_;
  p.stopping = true;
  if (p.server) p.server->stop();
  (void)p.events.flush();  // first: a job may keep us until nobody waits any more
  p.jobs.stop();
  p.events.stop();
  p.log->info("stopped");
  p.log->flush();
}

bool App::busy() const {
  if (!parts_->server) return false;
  for (const auto& lane : parts_->server->load().lanes)
    if (lane.busy > 0) return true;
  return false;
}

void App::reload() {
  Parts& p = *parts_;
  if (Result<void> done = p.log->reopen(); !done) p.log->error("log_reopen_failed", {{"what", done.error().detail}});
  if (!p.server || p.settings.plain_http) return;
  if (Result<void> done = p.server->reload_tls(); !done)
    p.log->error("tls_reload_failed", {{"what", done.error().message}});
  else
    p.log->info("reloaded");
}

const http::Router& App::router() const { return parts_->router; }

}  // namespace gatehouse::app
