#include "model/resource_servers/resource_server.h"

namespace gatehouse::model {

bool ResourceServer::has_scope(std::string_view value) const {
  return std::any_of(scopes.begin(), scopes.end(), [&](const Scope& scope) { return scope.value == value; });
}

}  // namespace gatehouse::model
