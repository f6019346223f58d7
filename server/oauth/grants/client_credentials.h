#pragma once
#include "model/client_grants/client_grant_store.h"
#include "model/resource_servers/resource_server_store.h"
#include "oauth/token/grant.h"
#include "oauth/tokens/api_access.h"
#include "oauth/tokens/issuer.h"
#include "oauth/tokens/notices.h"

namespace gatehouse::oauth {

/// Client Credentials grant (RFC 6749 §4.4): a confidential client obtains an access token for itself. Needs a client grant for exactly
/// the requested audience. Issues neither a refresh token nor an ID token. Memory and one signature: it may run on the I/O loop.
class ClientCredentialsGrant final : public Grant {
 public:
  struct Parts {
    const ApiAccess& api_access;
    const model::ClientGrantStore& client_grants;
    const Issuer& issuer;
    MachineTokenWatch& watch;
    logs::EventLog& log;
  };
  explicit ClientCredentialsGrant(Parts parts) : parts_(parts) {}
  [[nodiscard]] std::string_view type() const override { return "client_credentials"; }
  [[nodiscard]] http::Lane lane() const override { return http::Lane::inline_; }
  [[nodiscard]] std::string_view failure_event() const override { return "feccft"; }
  /// Errors: unauthorized_client (public client), access_denied (no audience, unknown audience, no client grant, scope not granted).
  [[nodiscard]] Result<TokenResponse> handle(const TokenRequest& request, const AuthenticatedClient& client) const override;

 private:
  Parts parts_;
};

}  // namespace gatehouse::oauth
