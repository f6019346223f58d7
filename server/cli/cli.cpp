#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

#include "cli/commands.h"

namespace gatehouse::cli {
namespace {

/// Options that every command takes: the settings. The contract's names are options of their own, all others go through --set.
struct SettingsOptions {
  std::string config_file;
  std::vector<std::pair<std::string, std::string>> arguments;
  std::vector<std::string> sets;

  void add_to(CLI::App& command) {
    command.add_option("--config", config_file, "TOML file with settings");
    const std::pair<const char*, const char*> options[] = {{"--data", "data"},
                                                           {"--port", "port"},
                                                           {"--issuer", "issuer"},
                                                           {"--database", "database"},
                                                           {"--listen", "listen"},
                                                           {"--metrics-port", "metrics_port"},
                                                           {"--master-key", "master_key"},
                                                           {"--tls-cert", "tls_cert"},
                                                           {"--tls-key", "tls_key"}};
    for (const auto& [option, setting] : options) {
      const std::string name = setting;
      command.add_option_function<std::string>(
          option, [this, name](const std::string& value) { arguments.emplace_back(name, value); }, sentence(name));
    }
    command.add_option_function<std::vector<std::string>>(
        "--trusted-proxy",
        [this](const std::vector<std::string>& values) {
          for (const auto& v : values) arguments.emplace_back("trusted_proxy", v);
        },
        sentence("trusted_proxy"));
    command.add_flag_callback(
        "--plain-http", [this] { arguments.emplace_back("plain_http", "true"); }, sentence("plain_http"));
    command.add_option("--set", sets, "Any other setting: name=value (docs/reference/settings.md)");
  }

  static std::string sentence(std::string_view name) {
    for (const config::Setting& setting : config::settings_table())
      if (setting.name == name) return setting.sentence + " [" + setting.default_value + "]";
    return {};
  }

  Result<config::Settings> load() const {
    config::Sources sources{config_file, [](const char* name) -> const char* { return std::getenv(name); }, arguments};
    for (const std::string& set : sets) {
      const size_t equals = set.find('=');
      if (equals == std::string::npos) return Error{Errc::invalid_argument, "--set takes name=value: " + set};
      sources.arguments.emplace_back(set.substr(0, equals), set.substr(equals + 1));
    }
    return config::load_settings(sources);
  }
};

}  // namespace

int fail(const Error& error) {
  std::fprintf(stderr, "gatehouse: %s%s%s\n", error.message.c_str(), error.detail.empty() ? "" : ": ", error.detail.c_str());
  return 1;
}

int run(int argc, char** argv) {
  CLI::App app("Gatehouse: login, tokens and user management that speak Auth0's wire contract");
  app.name("gatehouse");
  app.require_subcommand(1);
  SettingsOptions options;
  std::function<int(const config::Settings&)> action;

  const auto command = [&](CLI::App& parent, const char* name, const char* sentence) {
    CLI::App* sub = parent.add_subcommand(name, sentence);
    options.add_to(*sub);
    return sub;
  };

  command(app, "serve", "Serve until SIGTERM")->callback([&] { action = serve; });

  std::string backup_file;
  CLI::App* backup_command = command(app, "backup", "Write a consistent copy of the database to FILE, also while the server runs");
  backup_command->add_option("file", backup_file, "File to write; it must not exist")->required();
  backup_command->callback([&] { action = [&](const config::Settings& s) { return backup(s, backup_file); }; });

  command(app, "rekey", "Make a new master key and seal every secret in the database with it")->callback([&] { action = rekey; });

  command(app, "routes", "Print every route: method, path, who may call it, lane, file")->callback([&] {
    action = [](const config::Settings&) { return routes(false); };
  });

  std::string page;
  CLI::App* docs_command = app.add_subcommand("docs", "Print a page of docs/reference");
  docs_command->add_option("page", page, "settings, properties or routes")
      ->required()
      ->check(CLI::IsMember({"settings", "properties", "routes"}));
  docs_command->callback([&] { action = [&](const config::Settings&) { return docs(page); }; });

  bool yes = false;
  CLI::App* trust_command = command(app, "trust", "Put the local certificate authority into the system's and browsers' stores");
  trust_command->add_flag("--yes", yes, "Do not ask");
  trust_command->callback([&] { action = [&](const config::Settings& s) { return trust(s, yes); }; });

  std::string kind;
  CLI::App* quickstart_command =
      command(app, "quickstart", "Make an application, an API and a test user on the running server and print the .env");
  quickstart_command->add_option("kind", kind, "nextjs, express, spa or m2m")
      ->required()
      ->check(CLI::IsMember({"nextjs", "express", "spa", "m2m"}));
  quickstart_command->callback([&] { action = [&](const config::Settings& s) { return quickstart(s, kind); }; });

  CLI::App* admin = app.add_subcommand("admin", "Help for a locked-out administrator");
  admin->require_subcommand(1);
  std::string email = "admin@localhost";
  CLI::App* reset = command(*admin, "reset-password", "Give a user a new random password and print it");
  reset->add_option("email", email, "The user's e-mail address")->capture_default_str();
  reset->callback([&] { action = [&](const config::Settings& s) { return admin_reset_password(s, email); }; });

  CLI11_PARSE(app, argc, argv);
  const Result<config::Settings> settings = options.load();
  if (!settings) {
    std::fprintf(stderr, "gatehouse: %s\n", settings.error().message.c_str());
    return 2;
  }
  return action(*settings);
}

}  // namespace gatehouse::cli
