#pragma once
#include <memory>
#include <string>
#include <vector>

#include "http/router.h"
#include "model/clients/client_store.h"
#include "model/snapshot_cache.h"
#include "oauth/cors.h"
#include "oauth/token/grant.h"

namespace gatehouse::oauth {

/// POST /oauth/token (RFC 6749 §3.2): the phases that every grant shares, so that none can forget a check.
class TokenEndpoint {
 public:
  struct Parts {
    storage::Database& db;
    const model::TenantStore& tenants;
    const ClientAuthenticator& client_auth;
    const model::ClientStore& clients;
    logs::EventLog& log;
    const Clock& clock;
  };
  TokenEndpoint(Parts parts, std::vector<const Grant*> grants);
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response handle(const http::Request& request) const;
  [[nodiscard]] Result<TokenResponse> exchange(const TokenRequest& request, const Grant& grant, AuthenticatedClient& client) const;
  [[nodiscard]] http::Lane plan(const http::Request& request) const;
  [[nodiscard]] http::Lane lane_of(const http::Request& request, const BodyParameters& body, const Grant* grant) const;
  [[nodiscard]] const Grant* find_grant(std::string_view type) const;
  void log_failure(const TokenRequest& request, const Grant* grant, const AuthenticatedClient& client, const OAuthError& error) const;

  Parts parts_;
  std::vector<const Grant*> grants_;
  /// (client, audience) that were answered from caches before and have not changed since: only these run on the I/O loop.
  mutable model::SnapshotCache<char> warm_;
};

}  // namespace gatehouse::oauth
