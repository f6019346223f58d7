#include "app/host_table.h"

#include "base/encoding.h"

namespace gatehouse::app {

Result<void> HostTable::load(storage::Database& db, const model::TenantStore& tenants) {
  TRY(const std::vector<model::Tenant> all, db.read([&](storage::Reader& reader) { return tenants.all(reader); }));
  for (const model::Tenant& tenant : all) tenants_.emplace(to_lower_ascii(tenant.host), std::pair(tenant.id, tenant.issuer));
  return {};
}

std::optional<std::pair<TenantId, std::string>> HostTable::find(std::string_view host) const {
  std::string name = to_lower_ascii(host);
  if (name.ends_with(":443")) name.resize(name.size() - 4);
  const auto found = tenants_.find(name);
  if (found == tenants_.end()) return std::nullopt;
  return found->second;
}

}  // namespace gatehouse::app
