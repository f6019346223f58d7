#pragma once
#include "management/api.h"
#include "model/description/property.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::management {

/// The single documents of a tenant: /tenants/settings, /branding, /prompts. GET shows, PATCH changes.
class SettingsResource {
 public:
  SettingsResource(Api& api, const model::TenantStore& tenants) : api_(api), tenants_(tenants) {}
  void mount();

 private:
  ApiResult<http::Response> get_settings(const Call& call) const;
  ApiResult<http::Response> update_settings(const Call& call) const;
  ApiResult<http::Response> get_document(const Call& call, std::string_view name) const;
  ApiResult<http::Response> update_document(const Call& call, std::string_view name, const model::Property& body) const;

  Api& api_;
  const model::TenantStore& tenants_;
};

}  // namespace gatehouse::management
