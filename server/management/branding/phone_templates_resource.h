#pragma once
#include "management/api.h"
#include "messaging/messenger.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::management {

/// The tenant's phone templates, one a type: /branding/phone/templates, /{id}, /{id}/reset, /{id}/try. What is not a valid template is
/// refused when it is written, so that no message fails for it later.
class PhoneTemplatesResource {
 public:
  PhoneTemplatesResource(Api& api, const model::TenantStore& tenants, messaging::Messenger& messenger)
      : api_(api), tenants_(tenants), messenger_(messenger) {}
  void mount();

 private:
  ApiResult<http::Response> list(const Call& call) const;
  ApiResult<http::Response> get(const Call& call) const;
  ApiResult<http::Response> create(const Call& call) const;
  ApiResult<http::Response> update(const Call& call) const;
  ApiResult<http::Response> reset(const Call& call) const;
  ApiResult<http::Response> remove(const Call& call) const;
  ApiResult<http::Response> send_test(const Call& call) const;
  /// Reads the template of the path, lets `change` have it, stores and shows it. Errors: inexistent_phone_template, those of `change`.
  ApiResult<http::Response> change_one(const Call& call, const std::function<ApiResult<void>(json::object&)>& change) const;

  Api& api_;
  const model::TenantStore& tenants_;
  messaging::Messenger& messenger_;
};

}  // namespace gatehouse::management
