#pragma once
#include "http/router.h"
#include "model/rate_buckets/rate_bucket_store.h"
#include "oauth/cors.h"
#include "oauth/grants/webauthn.h"

namespace gatehouse::oauth {

/// POST /passkey/challenge and POST /passkey/register.
class PasskeyApi {
 public:
  struct Parts {
    storage::Database& db;
    const model::TenantStore& tenants;
    const model::ClientStore& clients;
    const ClientAuthenticator& client_auth;
    const PasskeyRequests& passkeys;
    const connections::DatabaseConnection& database;
    attack_protection::AttackProtection& protection;
    crypto::Random& random;
    const Clock& clock;
    logs::EventLog& log;
  };
  explicit PasskeyApi(Parts parts) : parts_(parts) {}
  void mount(http::Router& router);

 private:
  /// Of one address: 60 at once, then one a second.
  static constexpr model::BucketSize kByAddress{60, std::chrono::seconds(1)};
  struct Call {
    const http::Request& http;
    std::shared_ptr<const model::Tenant> tenant{};
    BodyParameters body{};
    AuthenticatedClient client{};
    std::shared_ptr<const model::Connection> connection{};
  };
  [[nodiscard]] http::Response answer(const http::Request& request, const std::function<Result<http::Response>(Call&)>& handle) const;
  /// Options for navigator.credentials.get().
  [[nodiscard]] Result<http::Response> challenge(Call& call) const;
  /// Options for navigator.credentials.create() of a user who does not exist yet. Errors: invalid_request (profile, user exists).
  [[nodiscard]] Result<http::Response> register_(Call& call) const;
  Parts parts_;
  model::RateBucketStore buckets_;
};

}  // namespace gatehouse::oauth
