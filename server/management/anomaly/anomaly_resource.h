#pragma once
#include "attack_protection/attack_protection.h"
#include "management/api.h"

namespace gatehouse::management {

/// /anomaly/blocks/ips/{id}: addresses that suspicious-IP throttling refuses. Blocked logins of one user are /user-blocks.
class AnomalyResource {
 public:
  AnomalyResource(Api& api, const attack_protection::AttackProtection& protection) : api_(api), protection_(protection) {}
  void mount();

 private:
  ApiResult<http::Response> check(const Call& call) const;
  ApiResult<http::Response> unblock(const Call& call) const;

  Api& api_;
  const attack_protection::AttackProtection& protection_;
};

}  // namespace gatehouse::management
