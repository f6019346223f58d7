#pragma once
#include "management/api.h"
#include "model/keys/key_ring.h"

namespace gatehouse::management {

/// /keys/signing: the tenant's signing keys, their rotation and revocation.
class SigningKeysResource {
 public:
  SigningKeysResource(Api& api, const model::KeyStore& keys, const model::KeyRing& ring) : api_(api), keys_(keys), ring_(ring) {}
  void mount();

 private:
  ApiResult<http::Response> list(const Call& call) const;
  ApiResult<http::Response> get(const Call& call) const;
  ApiResult<http::Response> rotate(const Call& call) const;
  ApiResult<http::Response> revoke(const Call& call) const;

  Api& api_;
  const model::KeyStore& keys_;
  const model::KeyRing& ring_;
};

}  // namespace gatehouse::management
