#pragma once
#include <vector>

#include "model/resource_servers/resource_server.h"

namespace gatehouse::model {

/// Every scope of the Management API, also of operations that are not built yet: a client grant may name them, as on Auth0.
std::vector<ResourceServer::Scope> management_scopes();

}  // namespace gatehouse::model
