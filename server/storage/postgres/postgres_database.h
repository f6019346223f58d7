#pragma once
#include <memory>

#include "storage/database.h"

namespace gatehouse::storage {

/// Connects to PostgreSQL (13 or later, database encoding UTF8) and brings the schema up to date; nodes that start at
/// the same time take turns. Errors: unavailable, internal.
Result<std::unique_ptr<Database>> open_postgres(const DatabaseOptions& options);

}  // namespace gatehouse::storage
