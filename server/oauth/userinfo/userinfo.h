#pragma once
#include "http/router.h"
#include "model/snapshot_cache.h"
#include "model/users/user_store.h"
#include "oauth/tokens/verifier.h"

namespace gatehouse::oauth {

/// GET and POST /userinfo (OpenID Connect Core §5.3): the claims that the token's scopes open. Reads the user: on SQLite that is one point
/// read, done on the loop once the tenant and its keys are in memory; on PostgreSQL it is the store lane's.
class Userinfo {
 public:
  Userinfo(storage::Database& db, const model::TenantStore& tenants, const model::UserStore& users, const TokenVerifier& verifier)
      : tenants_(tenants),
        users_(users),
        verifier_(verifier),
        reads_at_once_(db.kind() == "sqlite"),
        warm_(db, {"tenants", "tenant_documents", "keys"}) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response handle(const http::Request& request) const;
  [[nodiscard]] Result<std::string> claims(const http::Request& request) const;
  [[nodiscard]] http::Lane plan(const http::Request& request) const;
  const model::TenantStore& tenants_;
  const model::UserStore& users_;
  const TokenVerifier& verifier_;
  const bool reads_at_once_;
  mutable model::SnapshotCache<char> warm_;
};

}  // namespace gatehouse::oauth
