#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gatehouse::config {

/// Everything an operator can set. Defaults here, meaning and bounds in settings.cpp.
struct Settings {
  std::string data = "./data";
  uint16_t port = 8443;
  std::string listen = "loopback";
  std::string issuer;         ///< empty: https://localhost:PORT/
  std::string database;       ///< empty: SQLite in data
  uint16_t metrics_port = 0;  ///< 0: off
  std::vector<std::string> trusted_proxies;
  bool plain_http = false;
  std::string master_key;  ///< empty: DATA/master.key
  std::string tls_cert, tls_key;

  std::string log_level = "info";
  std::string log_file;  ///< empty: standard error
  bool log_requests = true;
  int64_t log_retention_days = 30;
  std::vector<std::string> outbound_allow;
  std::string breached_passwords_file;  ///< empty: none, and breached-password detection finds nothing

  int64_t max_header_bytes = 32 * 1024;
  int64_t max_header_fields = 100;
  int64_t max_request_line_bytes = 16 * 1024;
  int64_t max_body_bytes = 1 << 20;
  int64_t max_import_bytes = 1 << 30;
  int64_t max_connections = 10'000;
  int64_t max_connections_per_address = 4'000;
  int64_t header_timeout_s = 20;
  int64_t body_timeout_s = 20;
  int64_t keep_alive_s = 75;
  int64_t io_threads = 0;
  int64_t store_threads = 32, sign_in_threads = 0, outbound_threads = 64, admin_threads = 16;
  int64_t lane_queue = 1024;
  int64_t database_pool = 32;
  int64_t hash_memory_kib = 19'456;
  int64_t hash_passes = 2;
  int64_t hash_permits = 0;
  int64_t hash_max_wait_ms = 2'000;
  int64_t management_rate = 1'000;
};

/// One row of the table of settings.
struct Setting {
  std::string
      name;  ///< as in the TOML file (`limits.header_bytes`); on the command line `--limits.header_bytes`, or the contract's own spelling
  std::string unit;      ///< bytes, seconds, …; empty: none
  std::string sentence;  ///< what it does
  std::string default_value;
  std::function<Result<void>(Settings&, std::string_view)> set;
};
const std::vector<Setting>& settings_table();

/// Name of the environment variable: limits.header_bytes → GATEHOUSE_LIMITS_HEADER_BYTES, data → GATEHOUSE_DATA.
std::string environment_name(std::string_view setting);

struct Sources {
  std::string config_file;                                     ///< empty: none
  std::function<const char*(const char*)> getenv;              ///< e.g. std::getenv
  std::vector<std::pair<std::string, std::string>> arguments;  ///< by setting name; lists may repeat
};
/// Reads file, environment, command line, fills what depends on other settings (issuer, database, master key), and checks the
/// whole. The message of the error names every mistake, one a line.
Result<Settings> load_settings(const Sources& sources);

/// `host[:port]` of an issuer URL; the port is left out when it is 443.
std::string issuer_host(std::string_view issuer);
/// Whether the issuer is for development: loopback, .localhost or .test.
bool is_local_issuer(std::string_view issuer);

/// name → values, from a TOML file. Tables become dotted names.
Result<std::vector<std::pair<std::string, std::string>>> read_toml_file(const std::string& file);

}  // namespace gatehouse::config
