#pragma once
#include "http/router.h"
#include "logs/event.h"
#include "model/refresh_tokens/refresh_token_store.h"
#include "oauth/client_auth/client_auth.h"
#include "oauth/tokens/rotation.h"

namespace gatehouse::oauth {

/// POST /oauth/revoke (RFC 7009) for refresh tokens, form or JSON: 200 also for unknown and foreign tokens. Only the owner's own token dies,
/// with its family; with the tenant flag revoke_refresh_token_grant everything the user let this client keep.
class Revoke {
 public:
  struct Parts {
    storage::Database& db;
    const model::TenantStore& tenants;
    const model::ClientStore& clients;
    const ClientAuthenticator& client_auth;
    const model::RefreshTokenStore& refresh_tokens;
    const RefreshTokenTexts& texts;
    logs::EventLog& log;
    const Clock& clock;
  };
  explicit Revoke(Parts parts) : parts_(parts) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response handle(const http::Request& request) const;
  [[nodiscard]] Result<void> revoke(const http::Request& request, const BodyParameters& body, const model::Tenant& tenant,
                                    AuthenticatedClient& client) const;
  Parts parts_;
};

}  // namespace gatehouse::oauth
