#pragma once
#include "management/api.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::management {

/// /prompts/rendering and /prompts/{prompt}/screen/{screen}/rendering: settings of advanced customisation (ACUL), kept and given back.
class RenderingResource {
 public:
  RenderingResource(Api& api, const model::TenantStore& tenants) : api_(api), tenants_(tenants) {}
  void mount();

 private:
  ApiResult<http::Response> list(const Call& call) const;
  ApiResult<http::Response> update_many(const Call& call) const;
  ApiResult<http::Response> get(const Call& call) const;
  ApiResult<http::Response> update(const Call& call) const;

  Api& api_;
  const model::TenantStore& tenants_;
};

}  // namespace gatehouse::management
