#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "app/app.h"
#include "cli/commands.h"

namespace gatehouse::cli {

int routes(bool markdown) {
  // The table is made by the same mounting code that serves; it needs an app, not a running one, so it gets an empty folder.
  char folder[] = "/tmp/gatehouse-routes-XXXXXX";
  if (!::mkdtemp(folder)) return 1;
  config::Settings settings = *config::load_settings({"", nullptr, {{"data", folder}}});
  int status = 1;
  {
    const Result<std::unique_ptr<app::App>> app = app::App::create(settings);
    if (app) {
      if (markdown)
        std::printf("# Routes\n\nMade by `gatehouse docs routes`.\n\n| method | path | who | lane | file |\n|---|---|---|---|---|\n");
      for (const auto& route : (*app)->router().routes()) {
        const std::string method(http::to_string(route->method)), lane(route->planner ? "planned" : http::to_string(route->lane));
        std::printf(markdown ? "| %s | `%s` | %s | %s | `%s` |\n" : "%-7s %-60s %-40s %-8s %s\n", method.c_str(), route->pattern.c_str(),
                    route->scope.c_str(), lane.c_str(), route->file.c_str());
      }
      status = 0;
    } else {
      std::fprintf(stderr, "gatehouse: %s\n", app.error().message.c_str());
    }
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return status;
}

}  // namespace gatehouse::cli
