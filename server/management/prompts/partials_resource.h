#pragma once
#include "management/api.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::management {

/// /prompts/{prompt}/partials: what a tenant puts between the parts of a form: {"<screen>": {"<insertion point>": "<liquid>"}}.
class PartialsResource {
 public:
  PartialsResource(Api& api, const model::TenantStore& tenants) : api_(api), tenants_(tenants) {}
  void mount();

 private:
  ApiResult<http::Response> get(const Call& call) const;
  ApiResult<http::Response> replace(const Call& call) const;

  Api& api_;
  const model::TenantStore& tenants_;
};

}  // namespace gatehouse::management
