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

/// The flexible policy that says what passwordPolicy `good` says.
json::object good_password_options() {
  json::object options = default_password_options();
  options["complexity"] = {{"min_length", 8},
                           {"character_types", {"lowercase", "uppercase", "number", "special"}},
                           {"character_type_rule", "three_of_four"},
                           {"identical_characters", "allow"},
                           {"sequential_characters", "allow"},
                           {"max_length_exceeded", "error"}};
  return options;
}

void fill_database_options(json::object& options) {
  if (!options.empty()) {
    if (!options.contains("passwordPolicy")) set_default(options, "password_options", good_password_options());
    json::value* attributes = options.if_contains("attributes");
    json::value* email = attributes && attributes->is_object() ? attributes->get_object().if_contains("email") : nullptr;
    if (email && email->is_object()) set_default(email->get_object(), "unique", true);
  }
  set_default(options, "mfa", json::object{{"active", true}, {"return_enroll_settings", true}});
  set_default(options, "passwordPolicy", "good");
  set_default(options, "strategy_version", 2);
  set_default(options, "brute_force_protection", true);
  fill_authentication(options);
  if (json::value* password_options = options.if_contains("password_options"); password_options && password_options->is_object())
    fill_gaps(password_options->get_object(), default_password_options());
}

/// What each provider's options begin with, as recorded.
void fill_provider_options(std::string_view strategy, json::object& options, std::string_view host) {
  const json::array profile{"email", "profile"};
  if (strategy == "oidc" || strategy == "okta") {
    set_default(options, "schema_version", "oidc-V4");
    set_default(options, "type", "back_channel");
    set_default(options, "attribute_map", json::object{{"mapping_mode", strategy == "okta" ? "basic_profile" : "bind_all"}});
    set_default(options, "connection_settings", json::object{{"pkce", "auto"}});
  } else if (strategy == "samlp") {
    set_default(options, "assertion_decryption_settings", json::object{{"algorithm_profile", "v2026-1"}, {"algorithm_exceptions", json::array{}}});
  } else if (strategy == "adfs") {
    set_default(options, "thumbprints", json::array{});
  } else if (strategy == "waad") {
    set_default(options, "thumbprints", json::array{});
    set_default(options, "app_domain", json::string(host));
    set_default(options, "waad_common_endpoint", false);
  } else if (strategy == "apple") {
    set_default(options, "scope", "name email");
  } else if (strategy == "google-apps") {
    set_default(options, "email", true);
    set_default(options, "profile", true);
    set_default(options, "scope", profile);
    set_default(options, "handle_login_from_social", true);
  } else if (strategy == "google-oauth2") {
    set_default(options, "scope", profile);
  } else if (strategy == "line") {
    set_default(options, "profile", true);
  } else if (strategy.starts_with("salesforce")) {
    set_default(options, "scope", json::array{});
  }
}

bool is_enterprise(std::string_view strategy) {
  for (const std::string_view one : {"ad", "adfs", "auth0-adldap", "google-apps", "ip", "office365", "oidc", "okta", "pingfederate", "samlp", "sharepoint", "waad"})
    if (strategy == one) return true;
  return false;
}

}  // namespace

bool has_provisioning_ticket(std::string_view strategy) {
  for (const std::string_view one : {"ad", "adfs", "google-apps", "office365", "pingfederate", "samlp", "sharepoint", "waad"})
    if (strategy == one) return true;
  return false;
}

void fill_connection_defaults(json::object& properties, std::string_view host) {
  const std::string name(get_string(properties, "name").value_or(""));
  const std::string strategy(get_string(properties, "strategy").value_or(""));
  json::value& options = properties["options"];
  if (!options.is_object()) options = json::object{};
  if (strategy == "auth0") fill_database_options(options.get_object());
  else fill_provider_options(strategy, options.get_object(), host);
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

void fill_changed_options(std::string_view strategy, json::object& options, const json::object& before, std::string_view host) {
  // Recorded: these survive a change that does not name them; all others are lost.
  for (const std::string_view kept : {"schema_version", "attribute_map", "waad_common_endpoint", "map_user_id_to_id", "cert"})
    if (const json::value* value = before.if_contains(kept)) set_default(options, kept, *value);
  if (strategy == "oidc" || strategy == "okta") set_default(options, "connection_settings", json::object{{"pkce", "disabled"}});
  if (strategy != "auth0") return fill_provider_options(strategy, options, host);
  set_default(options, "brute_force_protection", true);
  fill_authentication(options);
}

}  // namespace gatehouse::model
