#pragma once
#include "base/json.h"
#include "management/api_error.h"
#include "model/users/user.h"

namespace gatehouse::management {

/// Writes the properties of a checked POST or PATCH body into a user: identifiers normalised, null removes, metadata merged on its
/// first level. Password, connection and verify_email are the caller's. Errors: invalid_body.
ApiResult<void> apply_body(const json::object& body, model::User& user);

}  // namespace gatehouse::management
