#pragma once
#include "management/api.h"
#include "messaging/messenger.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::management {

/// The tenant's phone provider, one at most: /branding/phone/providers, /{id}, /{id}/try. Credentials are sealed and never given back.
class PhoneProvidersResource {
 public:
  PhoneProvidersResource(Api& api, const model::TenantStore& tenants, messaging::Messenger& messenger)
      : api_(api), tenants_(tenants), messenger_(messenger) {}
  void mount();

 private:
  ApiResult<http::Response> list(const Call& call) const;
  ApiResult<http::Response> get(const Call& call) const;
  ApiResult<http::Response> create(const Call& call) const;
  ApiResult<http::Response> update(const Call& call) const;
  ApiResult<http::Response> remove(const Call& call) const;
  ApiResult<http::Response> send_test(const Call& call) const;

  Api& api_;
  const model::TenantStore& tenants_;
  messaging::Messenger& messenger_;
};

}  // namespace gatehouse::management
