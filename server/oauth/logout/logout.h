#pragma once
#include "connections/upstream/engine.h"
#include "http/error_page.h"
#include "http/router.h"
#include "logs/event.h"
#include "model/clients/client_store.h"
#include "model/connections/connection_store.h"
#include "model/sessions/session_store.h"
#include "model/transactions/transaction_store.h"
#include "oauth/tokens/verifier.h"

namespace gatehouse::oauth {

/// GET /v2/logout (Auth0) and GET and POST /oidc/logout (OpenID Connect RP-Initiated Logout 1.0): end the browser's session and send it to a
/// registered URL. A logout without a session still redirects; an unlisted URL is an error page and changes nothing.
///
/// Without a good hint /oidc/logout asks first: it stores a login transaction with step "logout" and redirects to /u/logout?state=…. The
/// page stores `flow.logout` = "accept" or "deny" and returns to /oidc/logout/resume?state=…. Where nobody said where to go the browser ends at
/// /u/logged-out. With `federated` the browser goes by the place where its identity provider ends sessions, if that has one; it brings it
/// back to the registered URL.
class Logout {
 public:
  struct Parts {
    storage::Database& db;
    const model::TenantStore& tenants;
    const model::ClientStore& clients;
    const model::SessionStore& sessions;
    const model::TransactionStore& transactions;
    const TokenVerifier& verifier;
    crypto::Random& random;
    const Clock& clock;
    logs::EventLog& log;
    http::ErrorPageRenderer error_page;
    const model::ConnectionStore& connections;
    const connections::UpstreamEngine* upstream = nullptr;  ///< null: nobody comes from elsewhere
  };
  explicit Logout(Parts parts) : parts_(std::move(parts)) {}
  void mount(http::Router& router);

 private:
  /// Where the browser goes afterwards, proved.
  struct Target {
    std::shared_ptr<const model::Client> client;  ///< null: none named
    std::string url;                              ///< empty: nowhere
    std::string state;
    bool federated = false;  ///< at the identity provider, too
  };
  [[nodiscard]] http::Response v2(const http::Request& request) const;
  [[nodiscard]] http::Response oidc(const http::Request& request, const http::Parameters& parameters) const;
  [[nodiscard]] http::Response resume(const http::Request& request) const;
  [[nodiscard]] Result<Target> v2_target(const http::Request& request, const model::Tenant& tenant) const;
  [[nodiscard]] Result<Target> oidc_target(const http::Parameters& parameters, const model::Tenant& tenant,
                                           const std::optional<IdTokenHint>& hint) const;
  [[nodiscard]] Result<std::shared_ptr<const model::Client>> find_client(const model::Tenant& tenant, std::string_view client_id) const;
  [[nodiscard]] http::Response ask_first(const http::Request& request, const model::Tenant& tenant, const Target& target,
                                         const model::Session& session) const;
  [[nodiscard]] http::Response end(const http::Request& request, const model::Tenant& tenant, const Target& target,
                                   const std::optional<model::LoginTransaction>& confirmed = std::nullopt) const;
  [[nodiscard]] http::Response refuse(const http::Request& request, const model::Tenant* tenant, const OAuthError& error,
                                      std::string_view client_id) const;
  /// Where the provider that `connection` leads to ends its session; empty: nowhere.
  [[nodiscard]] std::string provider_logout(const model::Tenant& tenant, std::string_view connection, const Target& target) const;
  [[nodiscard]] gatehouse::Result<std::optional<model::Session>> session_of(const http::Request& request) const;
  Parts parts_;
};

}  // namespace gatehouse::oauth
