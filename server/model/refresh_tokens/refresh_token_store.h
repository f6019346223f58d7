#pragma once
#include <optional>
#include <string>
#include <vector>

#include "storage/database.h"

namespace gatehouse::model {

/// A refresh-token family: one row however often it rotates (DESIGN.md §5). The token itself is not stored; it is
/// key id · family · generation · HMAC(tenant key, family ‖ generation), made and checked in oauth/tokens/rotation.
struct RefreshTokenFamily {
  std::string id;  ///< time-ordered
  TenantId tenant;
  ClientId client;
  UserId user;
  std::optional<SessionId> session;  ///< the session it began in
  std::string audience;
  std::vector<std::string> scopes;
  std::string connection;
  Timestamp authenticated_at{};
  std::vector<std::string> amr;
  int64_t generation = 0;
  std::optional<Timestamp> rotated_at;
  Timestamp created_at{};
  Timestamp last_used_at{};
  std::optional<Timestamp> idle_expires_at;
  std::optional<Timestamp> expires_at;
};

class RefreshTokenStore {
 public:
  Result<void> insert(storage::Transaction& tx, const RefreshTokenFamily& family) const;
  [[nodiscard]] Result<std::optional<RefreshTokenFamily>> find(storage::Reader& reader, const TenantId& tenant, std::string_view id) const;
  /// UPDATE … SET generation = generation + 1 WHERE id AND generation: true for exactly one caller.
  Result<bool> rotate(storage::Transaction& tx, const RefreshTokenFamily& family, std::optional<Timestamp> idle_expires_at,
                      Timestamp now) const;
  Result<void> touch(storage::Transaction& tx, const RefreshTokenFamily& family, std::optional<Timestamp> idle_expires_at,
                     Timestamp now) const;
  Result<bool> remove(storage::Transaction& tx, const TenantId& tenant, std::string_view id) const;
  /// All of a user (password change, block), of a client that goes, and what one let the other keep.
  Result<int64_t> remove_of_user(storage::Transaction& tx, const TenantId& tenant, const UserId& user) const;
  Result<int64_t> remove_of_client(storage::Transaction& tx, const TenantId& tenant, const ClientId& client) const;
  Result<int64_t> remove_of_both(storage::Transaction& tx, const TenantId& tenant, const UserId& user, const ClientId& client) const;
  Result<int64_t> remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const;
};

}  // namespace gatehouse::model
