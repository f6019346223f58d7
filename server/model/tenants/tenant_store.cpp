#include "model/tenants/tenant_store.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view tenant_columns_by_id = "SELECT id, issuer, host FROM tenants WHERE id = $1";
constexpr std::string_view all_tenants = "SELECT id, issuer, host FROM tenants ORDER BY id";
constexpr std::string_view insert_tenant = "INSERT INTO tenants (id, issuer, host, created_at) VALUES ($1, $2, $3, $4)";
constexpr std::string_view set_origin = "UPDATE tenants SET issuer = $2, host = $3 WHERE id = $1";
constexpr std::string_view select_document = "SELECT data FROM tenant_documents WHERE tenant = $1 AND name = $2";
constexpr std::string_view upsert_document =
    "INSERT INTO tenant_documents (tenant, name, data) VALUES ($1, $2, $3) ON CONFLICT (tenant, name) DO UPDATE SET data = excluded.data";
constexpr std::string_view delete_document = "DELETE FROM tenant_documents WHERE tenant = $1 AND name = $2";
constexpr std::string_view changed = "tenants";

Result<Tenant> read_tenant(storage::Reader& reader, const storage::Row& row) {
  Tenant tenant;
  tenant.id = TenantId(row.text(0));
  tenant.issuer = row.text(1);
  tenant.host = row.text(2);
  TRY(tenant.settings, TenantStore::document(reader, tenant.id, "settings"));
  TRY(tenant.branding, TenantStore::document(reader, tenant.id, "branding"));
  TRY(tenant.prompts, TenantStore::document(reader, tenant.id, "prompts"));
  return tenant;
}

}  // namespace

TenantStore::TenantStore(storage::Database& db) : db_(db), cache_(db, {std::string(changed)}), documents_(db, {std::string(changed)}) {}

Result<std::shared_ptr<const Tenant>> TenantStore::find(const TenantId& id) const {
  if (auto cached = cache_.find(id, "tenant")) return cached;
  const uint64_t generation = cache_.generation();
  TRY(std::optional<Tenant> tenant, db_.read([&](storage::Reader& reader) -> Result<std::optional<Tenant>> {
    TRY(const std::optional<storage::Row> row, reader.query_one(tenant_columns_by_id, id));
    if (!row) return std::optional<Tenant>{};
    TRY(Tenant found, read_tenant(reader, *row));
    return std::optional(std::move(found));
  }));
  if (!tenant) return std::shared_ptr<const Tenant>{};
  auto shared = std::make_shared<const Tenant>(*std::move(tenant));
  cache_.put(id, "tenant", shared, generation);
  return shared;
}

Result<std::shared_ptr<const Tenant>> TenantStore::get(const TenantId& id) const {
  TRY(std::shared_ptr<const Tenant> tenant, find(id));
  if (!tenant) return Error{Errc::internal, "There is no such tenant.", "no tenant " + id.str()};
  return tenant;
}

Result<std::vector<Tenant>> TenantStore::all(storage::Reader& reader) const {
  TRY(const storage::Rows rows, reader.query(all_tenants));
  std::vector<Tenant> tenants;
  for (const storage::Row& row : rows) {
    TRY(Tenant tenant, read_tenant(reader, row));
    tenants.push_back(std::move(tenant));
  }
  return tenants;
}

Result<void> TenantStore::insert(storage::Transaction& tx, const Tenant& tenant, Timestamp now) {
  TRY_VOID(tx.execute(insert_tenant, tenant.id, tenant.issuer, tenant.host, now));
  TRY_VOID(put_document(tx, tenant.id, "settings", tenant.settings));
  TRY_VOID(put_document(tx, tenant.id, "branding", tenant.branding));
  return put_document(tx, tenant.id, "prompts", tenant.prompts);
}

Result<void> TenantStore::move(storage::Transaction& tx, const TenantId& id, std::string_view issuer, std::string_view host) const {
  TRY(const int64_t moved, tx.execute(set_origin, id, issuer, host));
  if (moved == 0) return Error{Errc::not_found, "The tenant does not exist."};
  tx.invalidate(id, changed);
  return {};
}

Result<json::object> TenantStore::document(storage::Reader& reader, const TenantId& id, std::string_view name) {
  TRY(const std::optional<storage::Row> row, reader.query_one(select_document, id, name));
  if (!row) return json::object{};
  json::error_code error;
  json::value data = json::parse(row->text(0), error);
  if (error || !data.is_object()) return Error{Errc::internal, "A tenant document is damaged.", std::string(name)};
  return std::move(data.as_object());
}

Result<void> TenantStore::put_document(storage::Transaction& tx, const TenantId& id, std::string_view name, const json::object& value) {
  TRY_VOID(tx.execute(upsert_document, id, name, json::serialize(value)));
  tx.invalidate(id, changed);
  return {};
}

Result<bool> TenantStore::remove_document(storage::Transaction& tx, const TenantId& id, std::string_view name) {
  TRY(const int64_t removed, tx.execute(delete_document, id, name));
  tx.invalidate(id, changed);
  return removed > 0;
}

Result<std::shared_ptr<const json::object>> TenantStore::cached_document(const TenantId& id, std::string_view name) const {
  if (auto cached = documents_.find(id, name)) return cached;
  const uint64_t generation = documents_.generation();
  TRY(json::object value, db_.read([&](storage::Reader& reader) { return document(reader, id, name); }));
  auto shared = std::make_shared<const json::object>(std::move(value));
  documents_.put(id, name, shared, generation);
  return shared;
}

}  // namespace gatehouse::model
