#include "model/clients/client_description.h"

namespace gatehouse::model {
namespace {

void set_default(json::object& object, std::string_view name, json::value value) {
  if (!object.contains(name)) object.emplace(name, std::move(value));
}

json::array texts(std::initializer_list<std::string_view> values) {
  json::array array;
  for (const std::string_view value : values) array.emplace_back(value);
  return array;
}

json::array default_grant_types(std::string_view app_type, bool third_party) {
  if (third_party) return texts({"authorization_code"});
  if (app_type == "resource_server") return {};
  if (app_type == "express_configuration") return texts({"authorization_code", "client_credentials"});
  if (app_type == "native" || app_type == "spa") return texts({"authorization_code", "implicit", "refresh_token"});
  return texts({"authorization_code", "implicit", "refresh_token", "client_credentials"});
}

}  // namespace

void fill_client_defaults(json::object& properties) {
  const std::string app_type(get_string(properties, "app_type").value_or(""));
  const std::string auth_method(get_string(properties, "token_endpoint_auth_method").value_or(""));
  const bool third_party = !get_bool(properties, "is_first_party").value_or(true);
  const bool modern = third_party || app_type == "resource_server" || app_type == "express_configuration";

  set_default(properties, "grant_types", default_grant_types(app_type, third_party));
  if (!properties.contains("jwt_configuration")) {
    json::object jwt;
    jwt["secret_encoded"] = false;
    if (modern) jwt["alg"] = "RS256";
    if (third_party) jwt["lifetime_in_seconds"] = 3600;
    else if (!modern) jwt["lifetime_in_seconds"] = 36'000;
    properties["jwt_configuration"] = std::move(jwt);
  }
  if (modern) properties["oidc_conformant"] = true;
  if (app_type == "express_configuration") {
    set_default(properties, "callbacks", texts({"https://system-admin.okta.com/admin/app/generic/oauth20redirect"}));
    set_default(properties, "organization_usage", "require");
    set_default(properties, "organization_require_behavior", "pre_login_prompt");
    set_default(properties, "client_authentication_methods", json::object{{"private_key_jwt", {{"credentials", json::array{}}}}});
  }

  // Recorded: an application that authenticates with a secret gets a year and a month, others a month and half of one.
  const bool confidential = auth_method == "client_secret_post" || auth_method == "client_secret_basic";
  json::value& stored = properties["refresh_token"];
  if (!stored.is_object()) stored = {{"rotation_type", "non-rotating"}, {"expiration_type", third_party ? "expiring" : "non-expiring"}};
  json::object& refresh_token = stored.get_object();
  const bool expiring = get_string(refresh_token, "expiration_type") == "expiring";
  set_default(refresh_token, "leeway", 0);
  set_default(refresh_token, "token_lifetime", confidential ? 31'557'600 : 2'592'000);
  set_default(refresh_token, "infinite_token_lifetime", !expiring || third_party);
  set_default(refresh_token, "infinite_idle_token_lifetime", !expiring);
  set_default(refresh_token, "idle_token_lifetime", confidential ? 2'592'000 : 1'296'000);
}

}  // namespace gatehouse::model
