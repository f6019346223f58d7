#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"

namespace gatehouse::management {

/// Who calls, as the access token says.
struct Caller {
  TenantId tenant;
  ClientId client;      ///< the application the token was issued to
  UserId user;          ///< empty for a machine
  std::string subject;  ///< sub, as it stands in the token
  std::set<std::string, std::less<>> scopes;

  [[nodiscard]] bool has(std::string_view scope) const { return scopes.contains(scope); }
  [[nodiscard]] bool has_any(const std::vector<std::string>& any_of) const {
    for (const std::string& scope : any_of)
      if (has(scope)) return true;
    return any_of.empty();
  }
};

}  // namespace gatehouse::management
