#include "app/host_table.h"

#include "base/encoding.h"

namespace gatehouse::app {

HostTable::HostTable(storage::Database& db, const model::TenantStore& tenants) : db_(db), tenants_(tenants) {
  db.subscribe([this](const TenantId&, std::string_view what) {
    if (what != "tenants" && !what.empty()) return;
    const std::lock_guard lock(mutex_);
    table_.reset();
  });
}

Result<void> HostTable::load() const {
  TRY(const std::vector<model::Tenant> all, db_.read([&](storage::Reader& reader) { return tenants_.all(reader); }));
  auto table = std::make_shared<Table>();
  for (const model::Tenant& tenant : all) table->emplace(to_lower_ascii(tenant.host), std::pair(tenant.id, tenant.issuer));
  const std::lock_guard lock(mutex_);
  table_ = std::move(table);
  return {};
}

std::optional<std::pair<TenantId, std::string>> HostTable::find(std::string_view host) const {
  std::shared_ptr<const Table> table;
  {
    const std::lock_guard lock(mutex_);
    table = table_;
  }
  if (!table) {
    if (!load()) return std::nullopt;
    const std::lock_guard lock(mutex_);
    table = table_;
    if (!table) return std::nullopt;
  }
  std::string name = to_lower_ascii(host);
  if (name.ends_with(":443")) name.resize(name.size() - 4);
  const auto found = table->find(name);
  if (found == table->end()) return std::nullopt;
  return found->second;
}

}  // namespace gatehouse::app
