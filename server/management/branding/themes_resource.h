#pragma once
#include "management/api.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::management {

/// /branding/themes: the tenant's theme. There is one at most, so "default" and its id name the same.
class ThemesResource {
 public:
  ThemesResource(Api& api, const model::TenantStore& tenants) : api_(api), tenants_(tenants) {}
  void mount();

 private:
  ApiResult<http::Response> create(const Call& call) const;
  ApiResult<http::Response> get(const Call& call, bool by_id) const;
  ApiResult<http::Response> replace(const Call& call) const;
  ApiResult<http::Response> remove(const Call& call) const;
  /// The theme of the path. Errors: theme_not_found.
  ApiResult<json::object> find(storage::Reader& reader, const Call& call, bool by_id) const;

  Api& api_;
  const model::TenantStore& tenants_;
};

}  // namespace gatehouse::management
