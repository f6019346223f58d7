#include "config/settings.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace gatehouse::config {
namespace {

Sources arguments(std::vector<std::pair<std::string, std::string>> pairs) { return {"", nullptr, std::move(pairs)}; }

TEST(Settings, the_issuer_follows_the_port) {
  EXPECT_EQ(load_settings(arguments({}))->issuer, "https://localhost:8443/");
  EXPECT_EQ(load_settings(arguments({{"port", "443"}}))->issuer, "https://localhost/");
  EXPECT_EQ(load_settings(arguments({{"port", "9000"}, {"plain_http", "true"}}))->issuer, "http://localhost:9000/");
}

TEST(Settings, all_mistakes_are_reported_at_once) {
  const auto loaded = load_settings(arguments({{"port", "99999"}, {"issuer", "https://Example.com"}, {"nonsense", "1"}, {"plain_http", "yes"}}));
  ASSERT_FALSE(loaded);
  for (const char* word : {"port", "issuer", "nonsense", "plain_http"}) EXPECT_NE(loaded.error().message.find(word), std::string::npos) << word;
}

TEST(Settings, plain_http_needs_loopback_or_a_trusted_proxy) {
  EXPECT_FALSE(load_settings(arguments({{"plain_http", "true"}, {"listen", "0.0.0.0"}})));
  EXPECT_TRUE(load_settings(arguments({{"plain_http", "true"}, {"listen", "0.0.0.0"}, {"trusted_proxy", "10.0.0.0/8"}})));
}

TEST(Settings, the_command_line_beats_the_environment_and_that_the_file) {
  const std::string file = ::testing::TempDir() + "gatehouse-settings-test.toml";
  std::ofstream(file) << "port = 7001\ntrusted_proxy = [\"10.0.0.0/8\", \"192.168.0.0/16\"]\n[limits]\nheader_bytes = 4096\nbody_bytes = 2048\n";
  Sources sources = arguments({{"limits.header_bytes", "16384"}});
  sources.config_file = file;
  sources.getenv = [](const char* name) -> const char* {
    return std::string_view(name) == "GATEHOUSE_LIMITS_HEADER_BYTES" ? "8192" : std::string_view(name) == "GATEHOUSE_PORT" ? "7002" : nullptr;
  };
  const auto loaded = load_settings(sources);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->port, 7002);
  EXPECT_EQ(loaded->max_header_bytes, 16384);
  EXPECT_EQ(loaded->max_body_bytes, 2048);
  EXPECT_EQ(loaded->trusted_proxies.size(), 2u);
  std::remove(file.c_str());
}

TEST(Settings, a_broken_file_names_its_line) {
  const std::string file = ::testing::TempDir() + "gatehouse-settings-broken.toml";
  std::ofstream(file) << "port = 7001\nissuer = = 3\n";
  Sources sources = arguments({});
  sources.config_file = file;
  const auto loaded = load_settings(sources);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find(":2:"), std::string::npos) << loaded.error().message;
  std::remove(file.c_str());
}

TEST(Settings, hosts_of_issuers) {
  EXPECT_EQ(issuer_host("https://gatehouse.test/"), "gatehouse.test");
  EXPECT_EQ(issuer_host("https://gatehouse.test:443/"), "gatehouse.test");
  EXPECT_EQ(issuer_host("https://localhost:8443/"), "localhost:8443");
  EXPECT_EQ(issuer_host("https://[::1]:8443/"), "[::1]:8443");
  EXPECT_EQ(issuer_host("https://evil@host/"), "");
  EXPECT_TRUE(is_local_issuer("https://localhost:8443/"));
  EXPECT_TRUE(is_local_issuer("https://gatehouse.test/"));
  EXPECT_FALSE(is_local_issuer("https://login.example.com/"));
  EXPECT_FALSE(is_local_issuer("https://nottest/"));
  EXPECT_TRUE(is_local_issuer("https://127.0.0.1:8443/"));
  EXPECT_FALSE(is_local_issuer("https://127.example.com/"));
}

}  // namespace
}  // namespace gatehouse::config
