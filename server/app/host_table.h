#pragma once
#include <map>
#include <optional>
#include <string>

#include "model/tenants/tenant_store.h"

namespace gatehouse::app {

/// Which tenant answers for a Host header. Read once at start: tenants and their hosts do not change while a server runs, so a
/// request neither waits nor locks.
class HostTable {
 public:
  Result<void> load(storage::Database& db, const model::TenantStore& tenants);
  /// Tenant and issuer; nullopt for a host that is nobody's. `host` is compared without case, a port 443 is left out.
  [[nodiscard]] std::optional<std::pair<TenantId, std::string>> find(std::string_view host) const;

 private:
  std::map<std::string, std::pair<TenantId, std::string>, std::less<>> tenants_;
};

}  // namespace gatehouse::app
