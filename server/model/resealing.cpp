#include "model/resealing.h"

#include "storage/dialect.h"

namespace gatehouse::model {
namespace {

constexpr size_t kBatch = 200;  // rows a unit of work: other writers wait for a moment only

std::string names(const std::vector<std::string>& columns) {
  std::string list;
  for (const std::string& column : columns) list += (list.empty() ? "" : ", ") + column;
  return list;
}

std::string parameters(size_t count, size_t first) {
  std::string list;
  for (size_t i = 0; i < count; ++i) list += (i ? ", $" : "$") + std::to_string(first + i);
  return list;
}

/// The rows after a row, in the order of their keys: key columns, then the column. Without `after`, the first ones.
std::string page_sql(const SealedColumn& c, bool after) {
  return "SELECT " + names(c.row) + ", " + c.column + " FROM " + c.table +
         (after ? " WHERE (" + names(c.row) + ") > (" + parameters(c.row.size(), 1) + ")" : "") + " ORDER BY " + names(c.row) + " LIMIT " +
         std::to_string(kBatch);
}

/// Replaces the value only as long as it is the one that was read.
std::string replace_sql(const SealedColumn& c) {
  return "UPDATE " + c.table + " SET " + c.column + " = $1 WHERE " + c.column + " = $2 AND (" + names(c.row) + ") = (" +
         parameters(c.row.size(), 3) + ")";
}

std::string row_name(const SealedColumn& c, const storage::Row& row) {
  std::string name;
  for (size_t i = 0; i < c.row.size(); ++i)
    if (std::ranges::find(c.row_named, c.row[i]) != c.row_named.end()) name += (name.empty() ? "" : "/") + row.text(i);
  return name;
}

}  // namespace

const std::vector<SealedColumn>& sealed_columns() {
  using enum SealedColumn::Form;
  static const std::vector<SealedColumn> columns{
      {"keys", "sealed", plain, {"tenant", "kid"}, {"tenant", "kid"}},
      {"clients", "data", json, {"tenant", "id"}, {"id"}},
      {"resource_servers", "data", json, {"tenant", "id"}, {"id"}},
      {"connections", "data", json, {"tenant", "id"}, {"id"}},
      {"tenant_documents", "data", json, {"tenant", "name"}, {"tenant", "name"}},
      {"authentication_methods", "secret", plain, {"tenant", "id"}, {"tenant", "id"}},
      {"upstream_requests", "request", plain, {"tenant", "digest"}, {"tenant", "digest"}},
      {"upstream_requests", "answer", plain, {"tenant", "digest"}, {"tenant", "digest"}},
      {"upstream_tokens", "tokens", plain, {"tenant", "account"}, {"tenant", "account"}},
      {"jobs", "payload", json, {"tenant", "id"}, {"tenant"}},
      {"meta", "value", plain, {"name"}, {"name"}},
  };
  return columns;
}

std::string sealed_context(std::string_view table, std::string_view where, std::string_view row) {
  return std::string(table) + "/" + std::string(where) + "/" + std::string(row);
}

Result<Resealing::Outcome> Resealing::look(storage::Database& db) const {
  Outcome outcome;
  for (const SealedColumn& column : sealed_columns()) TRY_VOID(go_through(db, column, false, outcome));
  return outcome;
}

Result<Resealing::Outcome> Resealing::run(storage::Database& db) const {
  Outcome outcome;
  for (const SealedColumn& column : sealed_columns()) TRY_VOID(go_through(db, column, true, outcome));
  return outcome;
}

Result<void> Resealing::go_through(storage::Database& db, const SealedColumn& column, bool change, Outcome& outcome) const {
  const size_t at = column.row.size();
  std::vector<storage::Value> last;
  while (true) {
    Outcome of_batch;
    // sealing is a matter of microseconds: it may happen in the unit of work
    const auto batch = [&](storage::Reader& reader, storage::Transaction* tx) -> Result<storage::Rows> {
      of_batch = {};
      TRY(storage::Rows rows, reader.run_query(page_sql(column, !last.empty()), last));
      for (const storage::Row& row : rows) {
        if (row.is_null(at)) continue;
        const std::string& before = row.text(at);
        std::string after = before;
        if (column.form == SealedColumn::Form::plain) {
          reseal(after, sealed_context(column.table, column.column, row_name(column, row)), of_batch);
        } else if (json::error_code error; before.find(crypto::Sealer::prefix) != std::string::npos) {
          json::value document = json::parse(before, error);
          if (!error && reseal(document, column, "", row_name(column, row), of_batch)) after = json::serialize(document);
        }
        if (!tx || after == before) continue;
        std::vector<storage::Value> arguments{after, before};
        for (size_t i = 0; i < at; ++i) arguments.push_back(row.value(i));
        TRY_VOID(tx->run_execute(replace_sql(column), arguments));
        if (column.row.front() == "tenant") tx->invalidate(TenantId(row.text(0)), column.table);
      }
      return rows;
    };
    Result<storage::Rows> rows = change ? db.write([&](storage::Transaction& tx) { return batch(tx, &tx); })
                                        : db.read([&](storage::Reader& reader) { return batch(reader, nullptr); });
    if (!rows) return std::move(rows).error();
    outcome.outdated += of_batch.outdated;
    std::ranges::move(of_batch.unopened, std::back_inserter(outcome.unopened));
    if (rows->size() < kBatch) return {};
    last.clear();
    for (size_t i = 0; i < at; ++i) last.push_back(rows->back().value(i));
  }
}

bool Resealing::reseal(std::string& text, const std::string& context, Outcome& outcome) const {
  if (!text.starts_with(crypto::Sealer::prefix) || sealer_.is_current(text)) return false;
  const Result<SecretString> secret = sealer_.open(text, context);
  if (!secret && secret.error().code == Errc::invalid_argument) return false;  // not a sealed value
  if (!secret) {
    outcome.unopened.push_back(context);
    return false;
  }
  text = sealer_.seal(secret->reveal(), context);
  ++outcome.outdated;
  return true;
}

bool Resealing::reseal(json::value& value, const SealedColumn& column, const std::string& where, const std::string& row, Outcome& outcome) const {
  bool changed = false;
  if (json::object* object = value.if_object()) {
    for (auto& member : *object)
      changed |= reseal(member.value(), column, where + (where.empty() ? "" : ".") + std::string(member.key()), row, outcome);
  } else if (json::array* array = value.if_array()) {
    for (json::value& item : *array) changed |= reseal(item, column, where, row, outcome);
  } else if (value.is_string()) {
    std::string text(value.get_string());
    changed = reseal(text, sealed_context(column.table, where, row), outcome);
    if (changed) value = text;
  }
  return changed;
}

Result<std::vector<std::string>> columns_sealed_under(storage::Database& db, std::string_view key_id) {
  return db.read([&](storage::Reader& reader) -> Result<std::vector<std::string>> {
    const auto dialect = db.kind() == "sqlite" ? storage::Dialect::sqlite : storage::Dialect::postgresql;
    const std::string pattern = "%" + std::string(crypto::Sealer::prefix) + std::string(key_id) + ".%";
    TRY(const storage::Rows columns, reader.query(storage::text_columns_sql(dialect)));
    std::vector<std::string> found;
    for (const storage::Row& c : columns) {
      const std::string &table = c.text(0), &column = c.text(1);
      TRY(const auto row, reader.query_one("SELECT " + column + " FROM " + table + " WHERE " + column + " LIKE $1 ESCAPE '\\' LIMIT 1", pattern));
      if (row) found.push_back(table + "." + column);
    }
    return found;
  });
}

}  // namespace gatehouse::model
