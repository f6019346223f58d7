#include "model/users/user_description.h"

namespace gatehouse::model {
namespace {

using namespace description;

Property metadata(std::string about) { return open_object().properties(0, 1000).about(std::move(about)); }
Property profile_text(size_t longest, std::string about) { return string().nullable().length(1, longest).about(std::move(about)); }

}  // namespace

const Description& user_description() {
  static const Description users = describe("users")
      .id("user_id")
      .missing("The user does not exist.", "inexistent_user")
      .taken("The user already exists.", "auth0_idp_error")
      .status(Verb::remove, 204)
      .field("connection", string().required().length(1, 128).about("Name of the connection the user is created or changed in"))
      .field("user_id", string().create_only().length(1, 255).about("Identifier of the user in its connection"))
      .field("email", string().nullable().format(Format::email).about("E-mail address"))
      .field("email_verified", boolean().about("Whether the e-mail address is verified"))
      .field("verify_email", boolean().about("Whether a verification mail is sent"))
      .field("username", string().nullable().length(1, 128).about("Username; unique in its connection"))
      .field("phone_number", string().nullable().length(1, 16).about("Phone number in E.164 form"))
      .field("phone_verified", boolean().about("Whether the phone number is verified"))
      .field("verify_phone_number", boolean().update_only().not_enforced().about("Whether a verification message is sent to the phone"))
      .field("password", string().nullable().length(1, 256).about("Password; database connections only"))
      .field("client_id", string().update_only().length(1, 64).about("Application on whose behalf the verification mail is sent"))
      .field("blocked", boolean().about("Whether an administrator blocked the user"))
      .field("given_name", profile_text(150, "Given name"))
      .field("family_name", profile_text(150, "Family name"))
      .field("name", profile_text(300, "Full name"))
      .field("nickname", profile_text(300, "Nickname"))
      .field("picture", string().nullable().format(Format::url).about("URL of a picture"))
      .field("user_metadata", metadata("Data the user may change"))
      .field("app_metadata", metadata("Data only administrators change"));
  return users;
}

const Property& user_roles_body() {
  static const Property body = object().field("roles", array(string().length(1, 64)).required().items(1, 50).about("Ids of roles"));
  return body;
}

}  // namespace gatehouse::model
