#pragma once
#include "management/api.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::management {

/// How the second factor's phone messages are worded and sent: providers/twilio, selected-provider and templates of
/// /guardian/factors/sms and /guardian/factors/phone. Both paths show the same settings; the token is sealed and never given back.
class PhoneMessagesResource {
 public:
  PhoneMessagesResource(Api& api, const model::TenantStore& tenants) : api_(api), tenants_(tenants) {}
  void mount();

 private:
  ApiResult<http::Response> twilio(const Call& call) const;
  ApiResult<http::Response> set_twilio(const Call& call) const;
  ApiResult<http::Response> selected(const Call& call) const;
  ApiResult<http::Response> select(const Call& call) const;
  ApiResult<http::Response> templates(const Call& call) const;
  ApiResult<http::Response> set_templates(const Call& call) const;

  Api& api_;
  const model::TenantStore& tenants_;
};

}  // namespace gatehouse::management
