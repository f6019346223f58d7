#pragma once
#include "model/description/description.h"

namespace gatehouse::model {

const Description& role_description();
/// {"permissions": [{resource_server_identifier, permission_name}]}: what roles and users are given.
const Property& permissions_body();
/// {"users": ["auth0|…"]}.
const Property& role_users_body();

}  // namespace gatehouse::model
