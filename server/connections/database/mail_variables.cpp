#include "connections/database/mail_variables.h"

namespace gatehouse::connections {

json::object mail_variables(const model::Tenant& tenant, const model::User& user, const model::Client* client, std::string_view url) {
  json::object person = user.attributes;
  person["user_id"] = user.id.str();
  if (user.email) person["email"] = *user.email;
  person["email_verified"] = user.email_verified;
  if (user.username) person["username"] = *user.username;
  person["user_metadata"] = user.user_metadata;
  person["app_metadata"] = user.app_metadata;

  json::object variables{{"user", std::move(person)},
                         {"connection", json::object{{"name", user.connection()}}},
                         {"tenant", tenant.id.str()},
                         {"friendly_name", tenant.friendly_name()},
                         {"support_email", get_string(tenant.settings, "support_email").value_or("")},
                         {"support_url", get_string(tenant.settings, "support_url").value_or("")},
                         {"url", url}};
  json::object application;
  if (client) {
    application = json::object{{"name", client->name}, {"clientID", client->id.str()}, {"client_id", client->id.str()}};
    if (const json::object* metadata = get_object(client->properties, "client_metadata")) application["client_metadata"] = *metadata;
    if (!client->callbacks.empty()) {
      const std::string& callback = client->callbacks.front();
      const size_t authority = callback.find("://");
      const size_t end = authority == std::string::npos ? std::string::npos : callback.find_first_of("/?#", authority + 3);
      application["callback_domain"] = callback.substr(0, end);
    }
  }
  variables["application"] = application;
  variables["client"] = std::move(application);
  return variables;
}

}  // namespace gatehouse::connections
