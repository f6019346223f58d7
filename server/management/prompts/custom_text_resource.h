#pragma once
#include "management/api.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::management {

/// The tenant's own texts of the hosted pages: GET and PUT /prompts/{prompt}/custom-text/{language}. PUT replaces all that was set for
/// this prompt and language; `{}` goes back to the built-in texts.
class CustomTextResource {
 public:
  CustomTextResource(Api& api, const model::TenantStore& tenants) : api_(api), tenants_(tenants) {}
  void mount();

 private:
  ApiResult<http::Response> get(const Call& call) const;
  ApiResult<http::Response> replace(const Call& call) const;

  Api& api_;
  const model::TenantStore& tenants_;
};

}  // namespace gatehouse::management
