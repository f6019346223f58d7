#include "config/settings.h"

#include <charconv>

namespace gatehouse::config {
namespace {

Setting text(std::string name, std::string Settings::*member, std::string shown_default, std::string sentence) {
  return {std::move(name), "", std::move(sentence), std::move(shown_default), [member](Settings& s, std::string_view value) -> Result<void> {
            s.*member = std::string(value);
            return {};
          }};
}

Setting list(std::string name, std::vector<std::string> Settings::*member, std::string sentence) {
  return {std::move(name), "", std::move(sentence), "none", [member](Settings& s, std::string_view value) -> Result<void> {
            for (size_t begin = 0; begin <= value.size();) {
              const size_t end = std::min(value.find(',', begin), value.size());
              if (end > begin) (s.*member).emplace_back(value.substr(begin, end - begin));
              begin = end + 1;
            }
            return {};
          }};
}

template <class T>
Setting number(std::string name, T Settings::*member, std::string unit, int64_t least, int64_t most, std::string sentence) {
  const std::string bounds = std::to_string(least) + " to " + std::to_string(most);
  return {name, std::move(unit), sentence + " (" + bounds + ")", std::to_string(Settings{}.*member),
          [member, least, most, bounds](Settings& s, std::string_view value) -> Result<void> {
            int64_t parsed = 0;
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
            if (error != std::errc{} || end != value.data() + value.size() || parsed < least || parsed > most)
              return Error{Errc::invalid_argument, "must be a whole number from " + bounds};
            s.*member = static_cast<T>(parsed);
            return {};
          }};
}

Setting boolean(std::string name, bool Settings::*member, std::string sentence) {
  return {std::move(name), "", std::move(sentence), Settings{}.*member ? "true" : "false", [member](Settings& s, std::string_view value) -> Result<void> {
            if (value != "true" && value != "false") return Error{Errc::invalid_argument, "must be true or false"};
            s.*member = value == "true";
            return {};
          }};
}

struct Url {
  std::string_view scheme, host, port;
};

/// scheme://host[:port]/ and nothing else; the pieces, or nullopt.
std::optional<Url> parse_origin(std::string_view issuer) {
  Url url;
  for (const std::string_view scheme : {"https", "http"})
    if (issuer.starts_with(scheme) && issuer.substr(scheme.size()).starts_with("://")) url.scheme = scheme;
  if (url.scheme.empty() || !issuer.ends_with('/')) return std::nullopt;
  std::string_view authority = issuer.substr(url.scheme.size() + 3);
  authority.remove_suffix(1);
  if (authority.empty() || authority.find_first_of("/?#@ \t") != std::string_view::npos) return std::nullopt;
  const size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    url.port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
    if (url.port.empty() || url.port.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  }
  for (const char c : authority)
    if (c >= 'A' && c <= 'Z') return std::nullopt;  // the issuer is compared byte for byte: one spelling only
  url.host = authority;
  return url;
}

}  // namespace

const std::vector<Setting>& settings_table() {
  static const std::vector<Setting> table = {
      text("data", &Settings::data, "./data", "Folder for everything the server keeps on disk"),
      number("port", &Settings::port, "", 1, 65535, "HTTPS port"),
      text("listen", &Settings::listen, "loopback", "Address to listen on; loopback means 127.0.0.1 and ::1"),
      text("issuer", &Settings::issuer, "https://localhost:PORT/", "Public origin, ends with a slash; its host is the tenant's domain"),
      text("database", &Settings::database, "SQLite in the data folder", "postgresql:// URL of the database that keeps all state"),
      number("metrics_port", &Settings::metrics_port, "", 0, 65535, "Loopback port for Prometheus metrics; 0 is off"),
      list("trusted_proxy", &Settings::trusted_proxies, "Networks (CIDR) whose X-Forwarded-For and X-Forwarded-Proto count"),
      boolean("plain_http", &Settings::plain_http, "HTTP without TLS; only on loopback or with a trusted proxy"),
      text("master_key", &Settings::master_key, "DATA/master.key", "File with the keys that seal secrets in the database; made on first start"),
      text("tls_cert", &Settings::tls_cert, "made on first start", "Certificate chain (PEM)"),
      text("tls_key", &Settings::tls_key, "made on first start", "Private key of the certificate (PEM)"),
      text("log.level", &Settings::log_level, "info", "debug, info, warn or error"),
      text("log.file", &Settings::log_file, "standard error", "File for the server's log, opened anew on SIGHUP"),
      boolean("log.requests", &Settings::log_requests, "One log line a request"),
      number("log.retention_days", &Settings::log_retention_days, "days", 1, 3650, "How long tenant log events are kept"),
      list("outbound.allow", &Settings::outbound_allow, "Private networks (CIDR) that outbound calls may reach"),
      text("attack_protection.breached_passwords_file", &Settings::breached_passwords_file, "none",
           "SHA-1 digests of passwords known from breaches, sorted, one a line: what breached password detection looks into"),
      number("limits.header_bytes", &Settings::max_header_bytes, "bytes", 1024, 1 << 20, "Header of a request; more is answered 431"),
      number("limits.header_fields", &Settings::max_header_fields, "", 10, 1000, "Header fields of a request; more is answered 431"),
      number("limits.request_line_bytes", &Settings::max_request_line_bytes, "bytes", 1024, 1 << 20, "Request line; more is answered 414"),
      number("limits.body_bytes", &Settings::max_body_bytes, "bytes", 1024, 1 << 30, "Body of a request where its route sets no other limit; more is answered 413"),
      number("limits.import_bytes", &Settings::max_import_bytes, "bytes", 1024, int64_t{1} << 40, "File of users to import; more is answered 413"),
      number("limits.connections", &Settings::max_connections, "", 10, 1'000'000, "Open connections"),
      number("limits.connections_per_address", &Settings::max_connections_per_address, "", 1, 1'000'000, "Open connections from one address"),
      number("limits.header_seconds", &Settings::header_timeout_s, "seconds", 1, 600, "Time for the head of a request"),
      number("limits.body_seconds", &Settings::body_timeout_s, "seconds", 1, 600, "Time without progress in the body of a request"),
      number("limits.keep_alive_seconds", &Settings::keep_alive_s, "seconds", 1, 3600, "Idle time of a connection"),
      number("threads.io", &Settings::io_threads, "", 0, 256, "Event loops; 0 is one a core"),
      number("threads.store", &Settings::store_threads, "", 1, 64, "Threads of the store lane"),
      number("threads.sign_in", &Settings::sign_in_threads, "", 0, 64, "Threads of the sign_in lane; 0 is two a hash at the same time, and four"),
      number("threads.outbound", &Settings::outbound_threads, "", 1, 64, "Threads of the outbound lane"),
      number("threads.admin", &Settings::admin_threads, "", 1, 64, "Threads of the admin lane"),
      number("threads.queue", &Settings::lane_queue, "requests", 1, 1'000'000, "Waiting requests of a lane; more is answered 503"),
      number("database_pool", &Settings::database_pool, "connections", 2, 1000, "Connections to PostgreSQL"),
      number("passwords.memory_kib", &Settings::hash_memory_kib, "KiB", 19'456, 256 * 1024, "Memory of one Argon2id hash"),
      number("passwords.passes", &Settings::hash_passes, "", 2, 32, "Passes of one Argon2id hash"),
      number("passwords.permits", &Settings::hash_permits, "", 0, 256, "Hashes at the same time; 0 is one a core"),
      number("passwords.max_wait_ms", &Settings::hash_max_wait_ms, "milliseconds", 100, 60'000, "Expected wait for a hash above which a login is answered 503"),
      number("management.rate", &Settings::management_rate, "requests per second", 1, 1'000'000, "Rate limit of the Management API per tenant"),
  };
  return table;
}

std::string environment_name(std::string_view setting) {
  std::string name = "GATEHOUSE_";
  for (const char c : setting) name += c == '.' ? '_' : c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c;
  return name;
}

std::string issuer_host(std::string_view issuer) {
  const auto url = parse_origin(issuer);
  if (!url) return {};
  std::string host(url->host);
  if (!url->port.empty() && url->port != "443") host += ":" + std::string(url->port);
  return host;
}

bool is_local_issuer(std::string_view issuer) {
  const auto url = parse_origin(issuer);
  if (!url) return false;
  const std::string_view h = url->host;
  const bool loopback = h.starts_with("127.") && h.find_first_not_of("0123456789.") == std::string_view::npos;  // not 127.example.com
  return h == "localhost" || h.ends_with(".localhost") || h.ends_with(".test") || loopback || h == "[::1]";
}

Result<Settings> load_settings(const Sources& sources) {
  Settings settings;
  std::string mistakes;
  const auto apply = [&](const std::string& from, std::string_view name, std::string_view value) {
    for (const Setting& setting : settings_table()) {
      if (setting.name != name) continue;
      if (Result<void> done = setting.set(settings, value); !done) mistakes += from + ": " + setting.name + " " + done.error().message + "\n";
      return;
    }
    mistakes += from + ": there is no setting named " + std::string(name) + "\n";
  };

  std::string config_file = sources.config_file;
  if (config_file.empty() && sources.getenv)
    if (const char* file = sources.getenv("GATEHOUSE_CONFIG")) config_file = file;
  if (!config_file.empty()) {
    auto pairs = read_toml_file(config_file);
    if (!pairs) return std::move(pairs).error();
    for (const auto& [name, value] : *pairs) apply(config_file, name, value);
  }
  if (sources.getenv) {
    for (const Setting& setting : settings_table()) {
      const std::string variable = environment_name(setting.name);
      if (const char* value = sources.getenv(variable.c_str())) apply(variable, setting.name, value);
    }
  }
  for (const auto& [name, value] : sources.arguments) apply("command line", name, value);

  if (settings.issuer.empty()) {
    const bool default_port = settings.port == (settings.plain_http ? 80 : 443);
    settings.issuer = std::string(settings.plain_http ? "http" : "https") + "://localhost" + (default_port ? "" : ":" + std::to_string(settings.port)) + "/";
  }
  if (issuer_host(settings.issuer).empty())
    mistakes += "issuer must be https://host/ or https://host:port/ in lower case, ending with a slash: " + settings.issuer + "\n";
  if (settings.plain_http && settings.listen != "loopback" && !settings.listen.starts_with("127.") && settings.listen != "::1" && settings.trusted_proxies.empty())
    mistakes += "plain_http is accepted only on loopback or with a trusted_proxy\n";
  if (settings.tls_cert.empty() != settings.tls_key.empty()) mistakes += "tls_cert and tls_key belong together\n";
  if (settings.database.empty()) settings.database = "sqlite:" + settings.data + "/gatehouse.db";
  else if (!settings.database.starts_with("postgresql://") && !settings.database.starts_with("postgres://") && !settings.database.starts_with("sqlite:"))
    mistakes += "database must be a postgresql:// URL\n";
  if (settings.master_key.empty()) settings.master_key = settings.data + "/master.key";
  if (settings.log_level != "debug" && settings.log_level != "info" && settings.log_level != "warn" && settings.log_level != "error")
    mistakes += "log.level must be debug, info, warn or error\n";

  if (!mistakes.empty()) {
    mistakes.pop_back();
    return Error{Errc::invalid_argument, std::move(mistakes)};
  }
  return settings;
}

}  // namespace gatehouse::config
