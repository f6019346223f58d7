#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "model/tenants/tenant_store.h"

namespace gatehouse::app {

/// Which tenant answers for a Host header. A snapshot of all tenants, read anew after one changed.
class HostTable {
 public:
  HostTable(storage::Database& db, const model::TenantStore& tenants);
  /// Tenant and issuer; nullopt for a host that is nobody's. `host` is compared without case, a port 443 is left out.
  [[nodiscard]] std::optional<std::pair<TenantId, std::string>> find(std::string_view host) const;
  /// Reads the tenants. Before serving, so that no request waits for it.
  Result<void> load() const;

 private:
  using Table = std::map<std::string, std::pair<TenantId, std::string>, std::less<>>;
  storage::Database& db_;
  const model::TenantStore& tenants_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const Table> table_;
};

}  // namespace gatehouse::app
