#pragma once
#include "http/router.h"
#include "oauth/cors.h"
#include "oauth/mfa_api/mfa_tokens.h"

namespace gatehouse::oauth {

/// POST /mfa/associate, POST /mfa/challenge, GET and DELETE /mfa/authenticators (Auth0's MFA API).
class MfaApi {
 public:
  struct Parts {
    storage::Database& db;
    const model::TenantStore& tenants;
    const model::ClientStore& clients;
    const ClientAuthenticator& client_auth;
    const MfaTokens& mfa_tokens;
    const Clock& clock;
  };
  explicit MfaApi(Parts parts) : parts_(parts) {}
  void mount(http::Router& router);

 private:
  /// Who calls, by the bearer token.
  struct Call {
    const http::Request& http;
    std::shared_ptr<const model::Tenant> tenant{};
    std::shared_ptr<const model::Client> client{};
    BodyParameters body{};
    Timestamp now{};
  };
  template <class F>
  http::Response answer(const http::Request& request, bool has_body, F handle) const;
  /// The login of the bearer token, which must have `scope` if it is an access token. Errors: invalid_token, insufficient_scope.
  [[nodiscard]] Result<MfaTokens::Waiting> bearer(Call& call, std::string_view scope) const;

  [[nodiscard]] Result<http::Response> list(Call& call) const;
  [[nodiscard]] Result<http::Response> remove(Call& call) const;
  [[nodiscard]] Result<http::Response> associate(Call& call) const;
  [[nodiscard]] Result<http::Response> challenge(Call& call) const;
  Parts parts_;
};

}  // namespace gatehouse::oauth
