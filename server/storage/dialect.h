#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatehouse::storage {

enum class Dialect { sqlite, postgresql };

/// Replaces our type words (`id text int64 bool bytes json`) in column definitions by the database's own types, makes
/// SQLite's tables STRICT (those followed by our word `clustered` also WITHOUT ROWID: rows live in the primary key) and turns x'00ff' into a bytea literal for PostgreSQL. Errors: internal, naming an unknown type word.
Result<std::string> translate_migration(std::string_view sql, Dialect dialect);

/// A query for the columns of the whole database that hold text: rows of table, column.
std::string_view text_columns_sql(Dialect dialect);

}  // namespace gatehouse::storage
