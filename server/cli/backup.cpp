#include <cstdio>

#include "cli/commands.h"
#include "storage/database.h"

namespace gatehouse::cli {

int backup(const config::Settings& settings, const std::string& file) {
  storage::DatabaseOptions options;
  options.url = settings.database;
  const Result<void> done = storage::backup_database(options, file);
  if (!done) {
    std::fprintf(stderr, "gatehouse: %s%s%s\n", done.error().message.c_str(), done.error().detail.empty() ? "" : ": ", done.error().detail.c_str());
    return 1;
  }
  std::fprintf(stderr, "Wrote %s. The secrets in it are sealed with %s: keep both, apart.\n", file.c_str(), settings.master_key.c_str());
  return 0;
}

}  // namespace gatehouse::cli
