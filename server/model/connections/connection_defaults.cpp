#include "model/connections/connection_description.h"

namespace gatehouse::model {
namespace {

void set_default(json::object& object, std::string_view name, json::value value) {
  if (!object.contains(name)) object.emplace(name, std::move(value));
}

json::object default_authentication_methods() {
  return {{"password", {{"enabled", true}, {"api_behavior", "required"}, {"signup_behavior", "allow"}}},
          {"passkey", {{"enabled", false}}},
          {"email_otp", {{"enabled", false}}},
          {"phone_otp", {{"enabled", false}}}};
}

json::object default_passkey_options() {
  return {{"challenge_ui", "both"}, {"progressive_enrollment_enabled", true}, {"local_enrollment_enabled", true}};
}

/// Gaps of an object that was sent in part.
void fill_gaps(json::object& object, const json::object& defaults) {
  for (const auto& member : defaults) {
    json::value* there = object.if_contains(member.key());
    if (!there) object.emplace(member.key(), member.value());
    else if (there->is_object() && member.value().is_object()) fill_gaps(there->get_object(), member.value().get_object());
  }
}

json::object default_password_options() {
  json::object options;
  options["complexity"] = {{"min_length", 15},           {"character_types", json::array{}},   {"character_type_rule", "all"}, {"identical_characters", "allow"},
                           {"sequential_characters", "allow"}, {"max_length_exceeded", "error"}};
  options["profile_data"] = {{"active", false},
                             {"blocked_fields", {"name", "username", "nickname", "email", "phone_number", "user_metadata.name", "user_metadata.first",
                                                 "user_metadata.last"}}};
  options["history"] = {{"active", false}, {"size", 3}};
  options["dictionary"] = {{"active", false}, {"custom", json::array{}}, {"default", "en_100k"}};
  return options;
}

void fill_authentication(json::object& options) {
  json::value& methods = options["authentication_methods"];
  if (!methods.is_object()) methods = default_authentication_methods();
  else fill_gaps(methods.get_object(), default_authentication_methods());
  json::value& passkeys = options["passkey_options"];
  if (!passkeys.is_object()) passkeys = default_passkey_options();
  else fill_gaps(passkeys.get_object(), default_passkey_options());
}

void fill_database_options(json::object& options) {
  set_default(options, "mfa", json::object{{"active", true}, {"return_enroll_settings", true}});
  set_default(options, "passwordPolicy", "good");
  set_default(options, "strategy_version", 2);
  set_default(options, "brute_force_protection", true);
  fill_authentication(options);
  if (json::value* password_options = options.if_contains("password_options"); password_options && password_options->is_object())
    fill_gaps(password_options->get_object(), default_password_options());
}

bool is_enterprise(std::string_view strategy) {
  for (const std::string_view one : {"ad", "adfs", "auth0-adldap", "google-apps", "ip", "office365", "oidc", "okta", "pingfederate", "samlp", "sharepoint", "waad"})
    if (strategy == one) return true;
  return false;
}

}  // namespace

void fill_connection_defaults(json::object& properties) {
  const std::string name(get_string(properties, "name").value_or(""));
  const std::string strategy(get_string(properties, "strategy").value_or(""));
  json::value& options = properties["options"];
  if (!options.is_object()) options = json::object{};
  if (strategy == "auth0") fill_database_options(options.get_object());
  if (strategy == "auth0" || is_enterprise(strategy)) set_default(properties, "realms", json::array{json::string(name)});
  if (is_enterprise(strategy)) {
    set_default(properties, "show_as_button", false);
    set_default(properties, "display_name", json::string(name));
  }
  set_default(properties, "authentication", json::object{{"active", true}});
  set_default(properties, "connected_accounts", json::object{{"active", false}});
  set_default(properties, "enabled_clients", json::array{});
  set_default(properties, "realms", json::array{json::string(name)});
}

void fill_changed_options(std::string_view strategy, json::object& options) {
  if (strategy == "auth0") fill_authentication(options);
}

bool is_secret_option(std::string_view name) {
  for (const std::string_view one : {"client_secret", "app_secret", "twilio_token", "gateway_authentication", "signing_key", "api_key", "smtp_pass",
                                     "LDAP_BIND_PASSWORD", "consumerSecret", "clientSecret", "secret"})
    if (name == one) return true;
  return false;
}

}  // namespace gatehouse::model
