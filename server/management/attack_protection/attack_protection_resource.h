#pragma once
#include "management/api.h"
#include "model/description/property.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::management {

/// /attack-protection/brute-force-protection and /attack-protection/suspicious-ip-throttling: the settings documents that
/// attack_protection/settings.h reads. GET shows them with Auth0's defaults, PATCH changes what it names.
class AttackProtectionResource {
 public:
  AttackProtectionResource(Api& api, const model::TenantStore& tenants) : api_(api), tenants_(tenants) {}
  void mount();

 private:
  struct Document {
    std::string_view path, name, words;  ///< of the route; where it is stored; in the tenant log
    const model::Property& (*body)();
    json::object (*defaults)();
  };
  void mount(const Document& document);
  ApiResult<http::Response> get(const Call& call, const Document& document) const;
  ApiResult<http::Response> update(const Call& call, const Document& document) const;

  Api& api_;
  const model::TenantStore& tenants_;
};

}  // namespace gatehouse::management
