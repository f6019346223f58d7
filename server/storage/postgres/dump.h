#pragma once
#include <string>

#include "storage/postgres/connection.h"

namespace gatehouse::storage::postgres {

/// Writes all tables of one snapshot into a new file (mode 0600) as JSON lines: a heading, then for each table a line
/// {"table", "columns"} and one array a row; bytes are {"base64": "…"}. Errors: the database's, unavailable or storage_full
/// for the file.
Result<void> dump(Connection& connection, const std::string& file);

}  // namespace gatehouse::storage::postgres
