#pragma once
#include <string_view>

#include "storage/database.h"

namespace gatehouse::model {

/// Ids of assertions that were taken already (`jti`, RFC 7523 §3): each counts once for its issuer, on whichever node.
class UsedJtiStore {
 public:
  /// False when it was used before. `expires_at`: from then on the assertion itself is refused, and the row may go.
  Result<bool> use(storage::Transaction& tx, const TenantId& tenant, const ClientId& issuer, std::string_view jti,
                   Timestamp expires_at) const;

  Result<int64_t> remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const;
};

}  // namespace gatehouse::model
