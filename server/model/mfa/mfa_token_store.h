#pragma once
#include <optional>
#include <string>

#include "base/json.h"
#include "crypto/random.h"
#include "storage/database.h"

namespace gatehouse::model {

/// Auth0: ten minutes, fixed.
inline constexpr seconds kMfaTokenLifetime{600};

/// A login by a grant that waits for its second factor. Opens nothing but the MFA API and its grants.
struct MfaToken {
  std::string id;  ///< SHA-256 (hex) of the token
  TenantId tenant;
  ClientId client;
  UserId user;
  json::object data;  ///< who was proved so far, what was asked for, the challenge that is out
  Timestamp created_at{};
  Timestamp expires_at{};
};

class MfaTokenStore {
 public:
  static std::string make(crypto::Random& random);
  static std::string digest(std::string_view token);
  /// `token.id` is a digest().
  Result<void> insert(storage::Transaction& tx, const MfaToken& token) const;
  /// nullopt when unknown, expired, or used.
  [[nodiscard]] Result<std::optional<MfaToken>> find(storage::Reader& reader, const TenantId& tenant, std::string_view token,
                                                     Timestamp now) const;
  /// Writes `data` anew, unless it was used.
  Result<void> update(storage::Transaction& tx, const MfaToken& token) const;
  /// For what proves itself by other means each time (an access token for the MFA API): made, or good for a success once more.
  Result<void> put(storage::Transaction& tx, const MfaToken& token) const;
  /// One success each: false when somebody was quicker (one statement).
  Result<bool> consume(storage::Transaction& tx, const TenantId& tenant, std::string_view id, Timestamp now) const;
  Result<int64_t> remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const;
};

}  // namespace gatehouse::model
