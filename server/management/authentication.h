#pragma once
#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "http/request.h"
#include "jose/jwk.h"
#include "management/api_error.h"
#include "management/caller.h"

namespace gatehouse::management {

/// The tenant's own signing keys that still verify, by kid.
class VerificationKeys {
 public:
  virtual ~VerificationKeys() = default;
  /// nullopt: no such key, or it was revoked.
  [[nodiscard]] virtual Result<std::optional<jose::PublicKey>> find(const TenantId& tenant, std::string_view kid) const = 0;
};

/// Tells who calls. A token of the Management API lists some 150 scopes in 5 kB and comes with every request of a script: what was read
/// and verified once is remembered by the token's digest. Its key, issuer, audience and times are checked each time all the same.
class Authenticator {
 public:
  explicit Authenticator(const VerificationKeys& keys) : keys_(keys) {}

  /// Reads the bearer token of a request (RFC 6750 §2.1): a JWT of this issuer (RFC 7519, RFC 9068) for the audience
  /// `{issuer}api/v2/`, not expired, signed by one of the tenant's keys. An ID token has another audience and does not pass.
  /// Errors: unauthorized, with Auth0's messages.
  ApiResult<std::shared_ptr<const Caller>> authenticate(const http::Request& request, Timestamp now) const;

 private:
  struct Token;
  struct DigestHash {
    size_t operator()(const std::string& digest) const;
  };
  ApiResult<std::shared_ptr<const Token>> read(const TenantId& tenant, std::string_view text) const;

  const VerificationKeys& keys_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, std::shared_ptr<const Token>, DigestHash> known_;  ///< guarded by mutex_
};

}  // namespace gatehouse::management
