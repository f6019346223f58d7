#pragma once
#include <string>
#include <vector>

#include "storage/database.h"

namespace gatehouse::model {

/// What a user allowed a client to ask (Auth0: grants). Asked once per user, client and audience, then remembered.
class ConsentStore {
 public:
  [[nodiscard]] Result<std::vector<std::string>> scopes(storage::Reader& reader, const TenantId& tenant, const UserId& user,
                                                        const ClientId& client, std::string_view audience) const;
  /// Adds to what was allowed before.
  Result<void> allow(storage::Transaction& tx, const TenantId& tenant, const UserId& user, const ClientId& client,
                     std::string_view audience, const std::vector<std::string>& scopes, Timestamp now) const;
};

}  // namespace gatehouse::model
