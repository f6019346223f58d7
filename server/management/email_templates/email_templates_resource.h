#pragma once
#include "management/api.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::management {

/// The tenant's mail templates: POST /email-templates, GET, PUT, PATCH /email-templates/{templateName}. What is not a valid template
/// is refused when it is written, so that no mail fails for it later.
class EmailTemplatesResource {
 public:
  EmailTemplatesResource(Api& api, const model::TenantStore& tenants) : api_(api), tenants_(tenants) {}
  void mount();

 private:
  ApiResult<http::Response> get(const Call& call) const;
  ApiResult<http::Response> create(const Call& call) const;
  ApiResult<http::Response> replace(const Call& call) const;
  ApiResult<http::Response> update(const Call& call) const;

  Api& api_;
  const model::TenantStore& tenants_;
};

}  // namespace gatehouse::management
