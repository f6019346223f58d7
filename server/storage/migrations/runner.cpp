#include "storage/migrations/runner.h"

#include <algorithm>

namespace gatehouse::storage {

Result<void> migrate(MigrationSession& session, std::span<const Migration> migrations) {
  TRY(const std::string table,
      translate_migration("CREATE TABLE IF NOT EXISTS schema_migrations (name text NOT NULL PRIMARY KEY);", session.dialect()));
  TRY_VOID(session.script(table));
  TRY(const std::vector<std::string> applied, session.strings("SELECT name FROM schema_migrations"));
  for (const Migration& migration : migrations) {
    const std::string name(migration.name);
    if (std::find(applied.begin(), applied.end(), name) != applied.end()) continue;
    const auto named = [&name](Error error) {
      error.detail = "migration " + name + ": " + error.detail;
      return error;
    };
    Result<std::string> sql = translate_migration(migration.text(session.dialect()), session.dialect());
    if (!sql) return named(std::move(sql).error());
    // Names are [0-9a-z_] (embed.cmake sees to it), so they need no quoting.
    Result<void> done = session.script("BEGIN;\n" + *sql + "\n;INSERT INTO schema_migrations (name) VALUES ('" + name + "');\nCOMMIT;");
    if (!done) {
      (void)session.script("ROLLBACK");
      return named(std::move(done).error());
    }
  }
  return {};
}

}  // namespace gatehouse::storage
