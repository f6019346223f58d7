#include <cstdio>

#include "cli/commands.h"
#include "storage/database.h"

namespace gatehouse::cli {

int backup(const config::Settings& settings, const std::string& file) {
  if (const Result<void> done = storage::backup_database({.url = settings.database}, file); !done) return fail(done.error());
  std::fprintf(stderr, "Wrote %s. The secrets in it are sealed with %s: keep both, apart.\n", file.c_str(), settings.master_key.c_str());
  return 0;
}

}  // namespace gatehouse::cli
