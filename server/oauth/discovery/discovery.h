#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "http/router.h"
#include "model/keys/key_ring.h"
#include "model/snapshot_cache.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::oauth {

/// GET /.well-known/openid-configuration (OpenID Connect Discovery 1.0 §4), /.well-known/oauth-authorization-server (RFC 8414) and
/// /.well-known/jwks.json (RFC 7517 §5). Prebuilt bytes with an ETag, made anew when the tenant's settings or keys change.
class Discovery {
 public:
  Discovery(storage::Database& db, const model::TenantStore& tenants, const model::KeyRing& keys)
      : db_(db), tenants_(tenants), keys_(keys), warm_(db, {"tenants", "tenant_documents", "keys"}) {}
  void mount(http::Router& router);

 private:
  struct Document {
    std::shared_ptr<const model::Tenant> made_from;
    std::shared_ptr<const std::string> bytes;
    std::string etag;
  };
  [[nodiscard]] http::Response configuration(const http::Request& request) const;
  [[nodiscard]] http::Response jwks(const http::Request& request) const;
  /// On the loop while nothing has changed since the last answer; the first one after a change may have to read.
  [[nodiscard]] http::Lane plan(const http::Request& request) const;
  storage::Database& db_;
  const model::TenantStore& tenants_;
  const model::KeyRing& keys_;
  mutable model::SnapshotCache<char> warm_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::shared_ptr<const Document>> documents_;  ///< by tenant
};

/// The document of a tenant.
json::object openid_configuration(const model::Tenant& tenant);

}  // namespace gatehouse::oauth
