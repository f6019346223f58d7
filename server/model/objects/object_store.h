#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "storage/database.h"

namespace gatehouse::model {

/// A configured thing (client, API, connection, role, …) as the database keeps it: its id and its Auth0-shaped properties.
/// Secret properties stand in `properties` sealed; the typed stores open them.
struct StoredObject {
  std::string id;
  json::object properties;  ///< without the id
  int64_t position = 0;     ///< order of creation, unique in its table
  Timestamp created_at{};
  Timestamp updated_at{};
};

/// From the columns id, position, data, created_at, updated_at, in this order.
StoredObject read_stored_object(const storage::Row& row);

/// One page of a list, in the order of creation.
struct ObjectQuery {
  static constexpr int64_t all = 1'000'000;  ///< a limit for whoever wants every one

  int64_t offset = 0;
  int64_t limit = 50;
  int64_t after_position = 0;  ///< checkpoint paging: only objects created later; 0 from the start
  /// column = value conditions; the columns must be among the table's indexed ones
  std::vector<std::pair<std::string, storage::Value>> where{};
  /// column IN (…); empty means no such condition
  std::pair<std::string, std::vector<std::string>> any_of{};
  /// A condition on properties that have no column: every object is read and asked. Empty: none.
  std::function<bool(const json::object&)> keeps{};
};

/// The table of one kind of configured object. All such tables have one shape:
///   (tenant id, id id, position int64, <indexed text columns…>, data json, created_at int64, updated_at int64,
///    PRIMARY KEY (tenant, id), UNIQUE (tenant, position))
/// The indexed columns repeat a property for lookups and uniqueness. The number of objects is kept in storage counters under
/// the table's name; every change invalidates the table's name for the tenant.
class ObjectStore {
 public:
  struct IndexedColumn {
    std::string column;
    std::string property;  ///< top-level property it repeats
  };
  ObjectStore(std::string table, std::vector<IndexedColumn> columns);

  [[nodiscard]] Result<std::optional<StoredObject>> find(storage::Reader& reader, const TenantId& tenant, std::string_view id) const;
  /// By an indexed column; the first in order of creation.
  [[nodiscard]] Result<std::optional<StoredObject>> find_by(storage::Reader& reader, const TenantId& tenant, std::string_view column,
                                                            std::string_view value) const;
  [[nodiscard]] Result<std::vector<StoredObject>> list(storage::Reader& reader, const TenantId& tenant, const ObjectQuery& query) const;
  /// All objects from the counter, without reading them; with `where` conditions it counts rows.
  [[nodiscard]] Result<int64_t> count(storage::Reader& reader, const TenantId& tenant, const ObjectQuery& query = {}) const;

  /// Sets position, created_at, updated_at. Errors: unique_violation.
  Result<void> insert(storage::Transaction& tx, const TenantId& tenant, StoredObject& object, Timestamp now) const;
  /// Writes all properties anew. Errors: not_found, unique_violation.
  Result<void> replace(storage::Transaction& tx, const TenantId& tenant, StoredObject& object, Timestamp now) const;
  /// Whether it was there.
  Result<bool> remove(storage::Transaction& tx, const TenantId& tenant, std::string_view id) const;

  [[nodiscard]] const std::string& table() const { return table_; }

 private:
  /// Calls `take` for each object that fulfils `query.keeps`, in order, until it returns false.
  Result<void> scan(storage::Reader& reader, const TenantId& tenant, const ObjectQuery& query,
                    const std::function<bool(StoredObject&&)>& take) const;
  [[nodiscard]] Result<std::vector<StoredObject>> page(storage::Reader& reader, const TenantId& tenant, const ObjectQuery& query) const;

  std::string table_;
  std::vector<IndexedColumn> columns_;
  std::string select_, insert_, replace_, remove_;
};

}  // namespace gatehouse::model
