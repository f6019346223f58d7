#pragma once
#include "management/api.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::management {

/// The tenant's e-mail provider: GET, POST, PATCH, DELETE /emails/provider. Secret credentials are sealed and never given back.
class EmailProviderResource {
 public:
  EmailProviderResource(Api& api, const model::TenantStore& tenants) : api_(api), tenants_(tenants) {}
  void mount();

 private:
  ApiResult<http::Response> get(const Call& call) const;
  ApiResult<http::Response> create(const Call& call) const;
  ApiResult<http::Response> update(const Call& call) const;
  ApiResult<http::Response> remove(const Call& call) const;

  Api& api_;
  const model::TenantStore& tenants_;
};

}  // namespace gatehouse::management
