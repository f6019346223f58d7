#include "storage/meta.h"

namespace gatehouse::storage::meta {
namespace {
constexpr auto get_sql = "SELECT value FROM meta WHERE name = $1";
constexpr auto set_sql = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}  // namespace

Result<std::optional<std::string>> get(Reader& reader, std::string_view name) {
  TRY(const std::optional<Row> row, reader.query_one(get_sql, name));
  if (!row) return std::optional<std::string>();
  return std::optional<std::string>(row->text(0));
}

Result<void> set(Transaction& tx, std::string_view name, std::string_view value) {
  TRY_VOID(tx.execute(set_sql, name, value));
  return {};
}

}  // namespace gatehouse::storage::meta
