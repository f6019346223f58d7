#include <cstdio>

#include "cli/commands.h"
#include "model/attack_protection/attack_protection_description.h"
#include "model/branding/branding_description.h"
#include "model/client_grants/client_grant_description.h"
#include "model/clients/client_description.h"
#include "model/connections/connection_description.h"
#include "model/connections/strategy_options.h"
#include "model/email_templates/email_template_description.h"
#include "model/emails/email_provider_description.h"
#include "model/guardian/guardian.h"
#include "model/prompts/partials.h"
#include "model/resource_servers/resource_server_description.h"
#include "model/roles/role_description.h"
#include "model/tenants/tenant_description.h"
#include "model/users/user_description.h"

namespace gatehouse::cli {
namespace {

void settings_page() {
  std::printf(
      "# Settings\n\nMade by `gatehouse docs settings`. Names are those of the TOML file (`--config FILE`), where a dot is a table; `--set "
      "name=value` takes any of\n"
      "them on the command line, and the variable in the last column in the environment. The command line beats the environment, and that "
      "the file.\n\n"
      "| name | default | unit | meaning | variable |\n|---|---|---|---|---|\n");
  for (const config::Setting& s : config::settings_table())
    std::printf("| `%s` | %s | %s | %s | `%s` |\n", s.name.c_str(), s.default_value.c_str(), s.unit.c_str(), s.sentence.c_str(),
                config::environment_name(s.name).c_str());
}

void properties_page() {
  std::printf(
      "# Properties without effect\n\nMade by `gatehouse docs properties`. The Management API checks, keeps and returns these, as Auth0 "
      "does; what they switch is not built yet.\n");
  struct Section {
    const char* title;
    const char* path;
    const model::Property& body;
  };
  std::vector<Section> all{{"Applications", "/clients", model::client_description().body()},
                         {"APIs", "/resource-servers", model::resource_server_description().body()},
                         {"Client grants", "/client-grants", model::client_grant_description().body()},
                         {"Connections", "/connections", model::connection_description().body()},
                         {"`options` of database connections", "/connections", model::database_options()},
                         {"Roles", "/roles", model::role_description().body()},
                         {"Users", "/users", model::user_description().body()},
                         {"Tenant settings", "/tenants/settings", model::tenant_settings_body()},
                         {"Branding", "/branding", model::branding_body()},
                         {"Prompts", "/prompts", model::prompts_body()},
                         {"E-mail provider", "/emails/provider", model::email_provider_body()},
                         {"E-mail templates", "/email-templates", model::email_template_body()},
                           {"Branding theme", "/branding/themes", model::theme_body()},
                           {"Rendering of screens", "/prompts/{prompt}/screen/{screen}/rendering", model::rendering_body()}};
  static const std::vector<std::string> titles = [] {
    std::vector<std::string> made;
    for (const std::string& strategy : model::connection_strategies()) made.push_back("`options` of " + strategy + " connections");
    return made;
  }();
  for (size_t i = 0; i < titles.size(); ++i) {
    const std::string& strategy = model::connection_strategies()[i];
    if (strategy != "auth0" && model::is_built_strategy(strategy))
      all.push_back({titles[i].c_str(), "/connections", model::strategy_options(strategy)});
  }
  for (const auto& one : model::attack_protection_descriptions()) all.push_back({"Attack protection", one.path.data(), one.body()});
  for (const model::guardian::Document& one : model::guardian::documents()) all.push_back({"Second factors", one.path.data(), one.body()});
  for (const auto& [title, path, body] : all) {
    const std::vector<std::string> names = body.without_effect();
    if (names.empty()) continue;
    std::printf("\n## %s (`/api/v2%s`)\n\n", title, path);
    for (const std::string& name : names) std::printf("- `%s`\n", name.c_str());
  }
  std::printf("\n## Connections of these strategies (`/api/v2/connections`)\n\nTheir `options` are checked loosely and kept, secrets sealed; nobody can sign in through them yet.\n\n");
  for (const std::string& strategy : model::connection_strategies())
    if (!model::is_built_strategy(strategy)) std::printf("- `%s`\n", strategy.c_str());
}

}  // namespace

int docs(const std::string& page) {
  if (page == "settings")
    settings_page();
  else if (page == "properties")
    properties_page();
  else
    return routes(true);
  return 0;
}

}  // namespace gatehouse::cli
