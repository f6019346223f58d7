#pragma once
#include "http/router.h"
#include "model/users/user_store.h"
#include "oauth/tokens/verifier.h"

namespace gatehouse::oauth {

/// GET and POST /userinfo (OpenID Connect Core §5.3): the claims that the token's scopes open. Reads the user: store lane.
class Userinfo {
 public:
  Userinfo(const model::TenantStore& tenants, const model::UserStore& users, const TokenVerifier& verifier)
      : tenants_(tenants), users_(users), verifier_(verifier) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response handle(const http::Request& request) const;
  [[nodiscard]] Result<json::object> claims(const http::Request& request) const;
  const model::TenantStore& tenants_;
  const model::UserStore& users_;
  const TokenVerifier& verifier_;
};

}  // namespace gatehouse::oauth
