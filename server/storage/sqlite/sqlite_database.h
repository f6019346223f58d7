#pragma once
#include <memory>

#include "storage/database.h"

namespace gatehouse::storage {

/// Opens or creates (mode 0600) the file of a `sqlite:` URL and brings its schema up to date. `FILE.lock` is held until the
/// Database dies; another owner is refused with `unavailable` and a message that says so.
Result<std::unique_ptr<Database>> open_sqlite(const DatabaseOptions& options);

/// Copies a SQLite database that may be in use by a running server (`gatehouse backup`): needs no ownership, changes nothing.
Result<void> backup_sqlite(const DatabaseOptions& options, const std::string& file);

/// The file that a `sqlite:` URL names.
std::string sqlite_path(std::string_view url);

}  // namespace gatehouse::storage
