#include "model/roles/role_description.h"

namespace gatehouse::model {
using namespace description;

const Description& role_description() {
  static const Description roles = describe("roles")
    .field("name", string().required().length(1, 50).about("Name of the role"))
    .field("description", string().max(255).about("Description of the role"))
    .field("type", string().read_only().by_default("tenant"))
    .missing("The role does not exist.", "inexistent_role")
    .taken("The role name already exists. Please choose another one.", "role_name_conflict")
    .status(Verb::create, 200)   // recorded: POST answers 200, not 201
    .status(Verb::remove, 200);
  return roles;
}

const Property& permissions_body() {
  static const Property body = object().field("permissions",
    array(object()
      .field("resource_server_identifier", string().required().length(1, 600).about("Identifier of the API the permission belongs to"))
      .field("permission_name", string().required().length(1, 280).about("Name of the permission")))
    .required().items(1, 1000).about("Permissions of existing APIs"));
  return body;
}

const Property& role_users_body() {
  static const Property body = object().field("users", array(string().length(1, 300)).required().items(1, 1000).about("Ids of the users"));
  return body;
}

}  // namespace gatehouse::model
