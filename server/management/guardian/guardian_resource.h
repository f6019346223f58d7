#pragma once
#include "management/api.h"
#include "model/guardian/guardian.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::management {

/// /guardian/factors and /guardian/policies: which second factors there are, and when one is asked for.
class GuardianResource {
 public:
  GuardianResource(Api& api, const model::TenantStore& tenants) : api_(api), tenants_(tenants) {}
  void mount();

 private:
  using Document = model::guardian::Document;
  ApiResult<http::Response> list_factors(const Call& call) const;
  ApiResult<http::Response> set_factor(const Call& call) const;
  ApiResult<http::Response> get_policies(const Call& call) const;
  ApiResult<http::Response> set_policies(const Call& call) const;
  ApiResult<http::Response> get(const Call& call, const Document& document) const;
  ApiResult<http::Response> set(const Call& call, const Document& document, bool whole) const;

  Api& api_;
  const model::TenantStore& tenants_;
};

}  // namespace gatehouse::management
