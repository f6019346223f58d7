#pragma once
#include "connections/passwordless/passwordless_connection.h"
#include "http/error_page.h"
#include "http/router.h"
#include "oauth/cors.h"
#include "oauth/grants/passwordless_otp.h"

namespace gatehouse::oauth {

/// Passwordless login without our pages: POST /passwordless/start sends a code or link, POST /passwordless/verify takes the code,
/// /passwordless/verify_redirect is where links lead.
class Passwordless {
 public:
  struct Parts {
    const model::TenantStore& tenants;
    const model::ClientStore& clients;
    const model::ConnectionStore& connections;
    const ClientAuthenticator& client_auth;
    const connections::PasswordlessConnection& passwordless;
    const PasswordlessOtpGrant& otp;
    crypto::Random& random;
    const Clock& clock;
    logs::EventLog& log;
    http::ErrorPageRenderer error_page;
  };
  explicit Passwordless(Parts parts) : parts_(std::move(parts)) {}
  void mount(http::Router& router);

 private:
  /// A code or link to `email` or `phone_number`. Confidential applications prove themselves. Errors: invalid_request, bad.connection,
  /// unauthorized_client, too_many_requests.
  [[nodiscard]] http::Response start(const http::Request& request) const;
  [[nodiscard]] http::Response verify(const http::Request& request) const;
  /// Into a login in this browser, which takes the link's secret: /authorize checks everything else.
  [[nodiscard]] http::Response verify_redirect(const http::Request& request, const http::Parameters& parameters) const;
  [[nodiscard]] Result<http::Response> try_start(const http::Request& request, const model::Tenant& tenant, const BodyParameters& body,
                                                 AuthenticatedClient& client) const;
  Parts parts_;
};

}  // namespace gatehouse::oauth
