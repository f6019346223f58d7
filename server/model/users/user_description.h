#pragma once
#include "model/description/description.h"

namespace gatehouse::model {

/// Users as POST and PATCH /api/v2/users take them.
const Description& user_description();
/// {"roles": [ids]}: POST and DELETE /api/v2/users/{id}/roles.
const Property& user_roles_body();

}  // namespace gatehouse::model
