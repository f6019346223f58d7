#pragma once
#include "management/api.h"
#include "model/attack_protection/attack_protection_description.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::management {

/// /attack-protection/…: the settings documents that attack_protection/settings.h reads. GET shows them with Auth0's defaults, PATCH
/// changes what it names. Secrets are sealed and never given back.
class AttackProtectionResource {
 public:
  AttackProtectionResource(Api& api, const model::TenantStore& tenants) : api_(api), tenants_(tenants) {}
  void mount();

 private:
  using Document = model::AttackProtectionDescription;
  ApiResult<http::Response> get(const Call& call, const Document& document) const;
  ApiResult<http::Response> update(const Call& call, const Document& document) const;

  Api& api_;
  const model::TenantStore& tenants_;
};

}  // namespace gatehouse::management
