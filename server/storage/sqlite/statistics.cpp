#include "storage/sqlite/statistics.h"

#include <map>

namespace gatehouse::storage::sqlite {
namespace {

constexpr int64_t rows_of_a_tenant = 1'000'000;
constexpr int64_t split = 1'000;

// The primary key of a table without rowids goes by the table's name, as ANALYZE has it.
constexpr std::string_view indexes_sql =
    "SELECT t.name, CASE WHEN i.origin = 'pk' AND t.wr <> 0 THEN t.name ELSE i.name END, i.\"unique\", "
    "(SELECT COUNT(*) FROM pragma_index_info(i.name)), (SELECT COUNT(*) FROM pragma_index_info(i.name) WHERE seqno = 0 AND name = 'tenant') "
    "FROM pragma_table_list AS t, pragma_index_list(t.name) AS i WHERE t.schema = 'main' AND t.type = 'table'";
constexpr std::string_view described_sql = "SELECT tbl, idx, stat FROM sqlite_stat1";
constexpr std::string_view has_table_sql = "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'";

using Descriptions = std::map<std::pair<std::string, std::string>, std::string>;

/// "1000000 1000000 1000 1 noskipscan": rows, then rows that share the first column, the first two, …
std::string description(int64_t columns, bool unique, bool by_tenant) {
  std::string words = std::to_string(rows_of_a_tenant);
  int64_t sharing = rows_of_a_tenant;
  for (int64_t column = 0; column < columns; ++column) {
    if (column > 0 || !by_tenant) sharing = std::max<int64_t>(sharing / split, 2);
    if (unique && column + 1 == columns) sharing = 1;
    words += " " + std::to_string(sharing);
  }
  return words + " noskipscan";
}

}  // namespace

Result<void> describe_tables(Connection& connection) {
  TRY(const Rows indexes, connection.query(indexes_sql, {}));
  Descriptions wanted, held;
  for (const Row& row : indexes) wanted[{row.text(0), row.text(1)}] = description(row.int64(3), row.boolean(2), row.int64(4) > 0);
  TRY(const Rows known, connection.query(has_table_sql, {}));
  if (known.empty()) {
    TRY_VOID(connection.script("ANALYZE schema_migrations"));  // makes the table
  }
  TRY(const Rows described, connection.query(described_sql, {}));
  for (const Row& row : described) held[{row.text(0), row.text_or_null(1).value_or("")}] = row.text_or_null(2).value_or("");
  if (held == wanted) return {};
  TRY_VOID(connection.script("BEGIN IMMEDIATE; DELETE FROM sqlite_stat1"));
  for (const auto& [index, words] : wanted)
    TRY_VOID(connection.execute("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ($1, $2, $3)", {index.first, index.second, words}));
  return connection.script("COMMIT; ANALYZE sqlite_schema");  // which only reads them
}

}  // namespace gatehouse::storage::sqlite
