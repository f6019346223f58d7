#include "model/objects/object_store.h"

#include "model/objects/position.h"
#include "storage/counters.h"

namespace gatehouse::model {
namespace {

std::string parameter(size_t number) { return "$" + std::to_string(number); }

/// The properties that the indexed columns repeat; an absent one is the empty text.
std::string indexed_value(const json::object& properties, std::string_view property) {
  return std::string(get_string(properties, property).value_or(""));
}

}  // namespace

StoredObject read_stored_object(const storage::Row& row) {
  StoredObject object;
  object.id = row.text(0);
  object.position = row.int64(1);
  json::error_code error;
  if (json::value data = json::parse(row.text(2), error); !error && data.is_object()) object.properties = std::move(data.as_object());
  object.created_at = row.time(3);
  object.updated_at = row.time(4);
  return object;
}

ObjectStore::ObjectStore(std::string table, std::vector<IndexedColumn> columns) : table_(std::move(table)), columns_(std::move(columns)) {
  select_ = "SELECT id, position, data, created_at, updated_at FROM " + table_ + " WHERE tenant = $1";
  std::string names, values, assignments;
  size_t next = 7;
  for (const IndexedColumn& column : columns_) {
    names += ", " + column.column;
    values += ", " + parameter(next);
    assignments += ", " + column.column + " = " + parameter(next - 2);
    ++next;
  }
  insert_ = "INSERT INTO " + table_ + " (tenant, id, position, data, created_at, updated_at" + names + ") VALUES ($1, $2, $3, $4, $5, $6" +
            values + ")";
  replace_ = "UPDATE " + table_ + " SET data = $3, updated_at = $4" + assignments + " WHERE tenant = $1 AND id = $2";
  remove_ = "DELETE FROM " + table_ + " WHERE tenant = $1 AND id = $2";
}

Result<std::optional<StoredObject>> ObjectStore::find(storage::Reader& reader, const TenantId& tenant, std::string_view id) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(select_ + " AND id = $2", tenant, id));
  if (!row) return std::optional<StoredObject>{};
  return std::optional(read_stored_object(*row));
}

Result<std::optional<StoredObject>> ObjectStore::find_by(storage::Reader& reader, const TenantId& tenant, std::string_view column,
                                                         std::string_view value) const {
  ObjectQuery query;
  query.limit = 1;
  query.where.emplace_back(std::string(column), storage::Value(value));
  TRY(std::vector<StoredObject> found, list(reader, tenant, query));
  if (found.empty()) return std::optional<StoredObject>{};
  return std::optional(std::move(found.front()));
}

/// Appends the query's conditions to a statement whose only parameter so far is the tenant.
static void add_conditions(const ObjectQuery& query, std::string& sql, std::vector<storage::Value>& arguments) {
  const auto bind = [&](storage::Value value) {
    arguments.push_back(std::move(value));
    return parameter(arguments.size());
  };
  if (query.after_position > 0) sql += " AND position > " + bind(query.after_position);
  for (const auto& [column, value] : query.where) sql += " AND " + column + " = " + bind(value);
  if (!query.any_of.second.empty()) {
    sql += " AND " + query.any_of.first + " IN (";
    for (size_t i = 0; i < query.any_of.second.size(); ++i) sql += (i ? ", " : "") + bind(query.any_of.second[i]);
    sql += ")";
  }
}

Result<void> ObjectStore::scan(storage::Reader& reader, const TenantId& tenant, const ObjectQuery& query,
                               const std::function<bool(StoredObject&&)>& take) const {
  constexpr int64_t batch_size = 500;
  ObjectQuery batch = query;
  batch.offset = 0;
  batch.limit = batch_size;
  while (true) {
    TRY(std::vector<StoredObject> objects, page(reader, tenant, batch));
    const bool last = static_cast<int64_t>(objects.size()) < batch_size;
    if (!objects.empty()) batch.after_position = objects.back().position;
    for (StoredObject& object : objects)
      if (query.keeps(object.properties) && !take(std::move(object))) return {};
    if (last) return {};
  }
}

Result<std::vector<StoredObject>> ObjectStore::list(storage::Reader& reader, const TenantId& tenant, const ObjectQuery& query) const {
  if (!query.keeps) return page(reader, tenant, query);
  std::vector<StoredObject> objects;
  int64_t skipped = 0;
  TRY_VOID(scan(reader, tenant, query, [&](StoredObject&& object) {
    if (skipped++ < query.offset) return true;
    if (static_cast<int64_t>(objects.size()) == query.limit) return false;
    objects.push_back(std::move(object));
    return true;
  }));
  return objects;
}

Result<std::vector<StoredObject>> ObjectStore::page(storage::Reader& reader, const TenantId& tenant, const ObjectQuery& query) const {
  std::string sql = select_;
  std::vector<storage::Value> arguments{tenant};
  add_conditions(query, sql, arguments);
  arguments.emplace_back(query.limit);
  sql += " ORDER BY position LIMIT " + parameter(arguments.size());
  arguments.emplace_back(query.offset);
  sql += " OFFSET " + parameter(arguments.size());
  TRY(const storage::Rows rows, reader.run_query(sql, arguments));
  std::vector<StoredObject> objects;
  objects.reserve(rows.size());
  for (const storage::Row& row : rows) objects.push_back(read_stored_object(row));
  return objects;
}

Result<int64_t> ObjectStore::count(storage::Reader& reader, const TenantId& tenant, const ObjectQuery& query) const {
  if (query.keeps) {
    int64_t found = 0;
    ObjectQuery everything = query;
    everything.after_position = 0;
    TRY_VOID(scan(reader, tenant, everything, [&](StoredObject&&) { return ++found > 0; }));
    return found;
  }
  if (query.where.empty() && query.any_of.second.empty()) return storage::counters::get(reader, tenant, table_);
  std::string sql = "SELECT COUNT(*) FROM " + table_ + " WHERE tenant = $1";
  std::vector<storage::Value> arguments{tenant};
  add_conditions(query, sql, arguments);
  TRY(const storage::Rows rows, reader.run_query(sql, arguments));
  return rows.front().int64(0);
}

Result<void> ObjectStore::insert(storage::Transaction& tx, const TenantId& tenant, StoredObject& object, Timestamp now) const {
  object.position = next_position(now, tx.slot());
  object.created_at = object.updated_at = now;
  std::vector<storage::Value> arguments{tenant, object.id, object.position, json::serialize(object.properties), now, now};
  for (const IndexedColumn& column : columns_) arguments.emplace_back(indexed_value(object.properties, column.property));
  TRY_VOID(tx.run_execute(insert_, arguments));
  tx.invalidate(tenant, table_);
  return storage::counters::add(tx, tenant, table_, 1);
}

Result<void> ObjectStore::replace(storage::Transaction& tx, const TenantId& tenant, StoredObject& object, Timestamp now) const {
  object.updated_at = now;
  std::vector<storage::Value> arguments{tenant, object.id, json::serialize(object.properties), now};
  for (const IndexedColumn& column : columns_) arguments.emplace_back(indexed_value(object.properties, column.property));
  TRY(const int64_t changed, tx.run_execute(replace_, arguments));
  if (changed == 0) return Error{Errc::not_found, "The object does not exist.", table_ + "/" + object.id};
  tx.invalidate(tenant, table_);
  return {};
}

Result<bool> ObjectStore::remove(storage::Transaction& tx, const TenantId& tenant, std::string_view id) const {
  TRY(const int64_t removed, tx.execute(remove_, tenant, id));
  if (removed == 0) return false;
  tx.invalidate(tenant, table_);
  TRY_VOID(storage::counters::add(tx, tenant, table_, -1));
  return true;
}

}  // namespace gatehouse::model
