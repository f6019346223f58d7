#pragma once
#include <optional>

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

/// Reads the bearer token of a request (RFC 6750 §2.1): a JWT of this issuer (RFC 7519, RFC 9068) for the audience
/// `{issuer}api/v2/`, not expired, signed by one of the tenant's keys. An ID token has another audience and does not pass.
/// Errors: unauthorized, with Auth0's messages.
ApiResult<Caller> authenticate(const http::Request& request, const VerificationKeys& keys, Timestamp now);

}  // namespace gatehouse::management
