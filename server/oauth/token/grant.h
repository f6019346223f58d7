#pragma once
#include <string>
#include <string_view>

#include "http/lane.h"
#include "logs/event.h"
#include "model/tenants/tenant_store.h"
#include "oauth/client_auth/client_auth.h"
#include "oauth/parameters.h"

namespace gatehouse::oauth {

/// A token request after the phases that all grants share.
struct TokenRequest {
  const http::Request& http;
  const BodyParameters& body;
  const model::Tenant& tenant;
  Timestamp now;

  /// A prefilled event of this request for `client`.
  [[nodiscard]] logs::Event event(const model::Client& client, std::string_view type, std::string_view description) const;
};

/// RFC 6749 §5.1. Empty members are left out.
struct TokenResponse {
  std::string access_token;
  std::string refresh_token{};
  std::string id_token{};
  std::string scope{};
  seconds expires_in{};
  std::string recovery_code{};  ///< the next one, when a recovery code was used up
  [[nodiscard]] std::string to_json() const;
};

/// One grant type. The endpoint has parsed the body, authenticated the client and made sure that it may use the grant.
class Grant {
 public:
  virtual ~Grant() = default;
  [[nodiscard]] virtual std::string_view type() const = 0;  ///< grant_type on the wire
  [[nodiscard]] virtual http::Lane lane() const { return http::Lane::store; }
  [[nodiscard]] virtual std::string_view failure_event() const = 0;  ///< Auth0's code for the tenant log
  [[nodiscard]] virtual Result<TokenResponse> handle(const TokenRequest& request, const AuthenticatedClient& client) const = 0;
};

}  // namespace gatehouse::oauth
