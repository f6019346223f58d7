#include "model/connections/connection_description.h"

#include "model/connections/strategy_options.h"

namespace gatehouse::model {
using namespace description;

namespace {

Property purpose() { return object().field("active", boolean().required()).not_enforced(); }

Property signup_status() { return one_of({"required", "optional", "inactive"}); }

/// Flexible identifiers: e-mail, phone number, user name.
Property attributes() {
  const auto verified_signup = [] {
    return object().field("status", signup_status()).field("verification", object().field("active", boolean()));
  };
  return object()
    .field("email", object()
      .field("identifier", object().field("active", boolean()).field("default_method", one_of({"password", "email_otp"})))
      .field("unique", boolean().not_enforced())
      .field("profile_required", boolean())
      .field("verification_method", one_of({"link", "otp"}))
      .field("signup", verified_signup()))
    .field("phone_number", object()
      .field("identifier", object().field("active", boolean()).field("default_method", one_of({"password", "phone_otp"})))
      .field("profile_required", boolean())
      .field("signup", verified_signup()))
    .field("username", object()
      .field("identifier", object().field("active", boolean()).field("default_method", one_of({"password"}).not_enforced()))
      .field("profile_required", boolean())
      .field("signup", object().field("status", signup_status()))
      .field("validation", object()
        .field("min_length", integer().range(1, 128))
        .field("max_length", integer().range(1, 128))
        .field("allowed_types", object().field("email", boolean()).field("phone_number", boolean()))))
    .nullable();
}

Property authentication_methods() {
  const auto method = [] { return object().field("enabled", boolean().not_enforced()); };
  return object()
    .field("password", method()
      .field("api_behavior", one_of({"required", "optional"}).not_enforced())
      .field("signup_behavior", one_of({"allow", "block"})))
    .field("passkey", object().field("enabled", boolean()))
    .field("email_otp", object().field("enabled", boolean()))
    .field("phone_otp", object().field("enabled", boolean()))
    .nullable();
}

Property password_options() {
  return object()
    .field("complexity", object()
      .field("min_length", integer().range(1, 72))
      .field("character_types", array(one_of({"uppercase", "lowercase", "number", "special"})).unique())
      .field("character_type_rule", one_of({"all", "three_of_four"}))
      .field("identical_characters", one_of({"allow", "block"}))
      .field("sequential_characters", one_of({"allow", "block"}))
      .field("max_length_exceeded", one_of({"truncate", "error"}).not_enforced()))
    .field("dictionary", object()
      .field("active", boolean())
      .field("custom", array(string().length(1, 50)).items(0, 200))
      .field("default", one_of({"en_10k", "en_100k"})))
    .field("history", object().field("active", boolean()).field("size", integer().range(0, 24)))
    .field("profile_data", object().field("active", boolean()).field("blocked_fields", array(string().length(1, 100)).items(0, 12)))
    .nullable();
}

Property custom_scripts() {
  Property scripts = open_object();
  for (const char* name : {"login", "get_user", "delete", "change_password", "verify", "create", "change_username", "change_email", "change_phone_number"})
    scripts = std::move(scripts).field(name, string().max(102'400));
  return std::move(scripts).nullable().not_enforced();
}

}  // namespace

const Property& database_options() {
  static const Property options = open_object()
    .field("passwordPolicy", one_of({"none", "low", "fair", "good", "excellent"}).nullable().about("Password strength level"))
    .field("password_complexity_options", object().field("min_length", integer().range(1, 128)).nullable())
    .field("password_history", object().field("enable", boolean().required()).field("size", integer().range(0, 24)).nullable())
    .field("password_no_personal_info", object().field("enable", boolean().required()).nullable())
    .field("password_dictionary", object()
      .field("enable", boolean().required())
      .field("dictionary", array(string().max(50)).items(0, 200))
      .nullable())
    .field("password_options", password_options())
    .field("brute_force_protection", boolean())
    .field("disable_signup", boolean())
    .field("disable_self_service_change_password", boolean())
    .field("requires_username", boolean())
    .field("validation", object()
      .field("username", object().field("min", integer().required().range(1, 128)).field("max", integer().required().range(1, 128)).nullable())
      .nullable())
    .field("attributes", attributes())
    .field("precedence", array(one_of({"email", "phone_number", "username"})).unique().about("Order of precedence for attribute types"))
    .field("authentication_methods", authentication_methods())
    .field("passkey_options", object()
      .field("challenge_ui", one_of({"both", "autofill", "button"}))
      .field("progressive_enrollment_enabled", boolean())
      .field("local_enrollment_enabled", boolean())
      .nullable())
    .field("mfa", open_object().field("active", boolean()).field("return_enroll_settings", boolean()).not_enforced())
    .field("customScripts", custom_scripts())
    .field("configuration", open_object().nullable().not_enforced())
    .field("enabledDatabaseCustomization", boolean().not_enforced())
    .field("enable_script_context", boolean().not_enforced())
    .field("import_mode", boolean().not_enforced())
    .field("custom_password_hash", open_object().nullable().not_enforced())
    .field("realm_fallback", boolean().not_enforced())
    .field("non_persistent_attrs", array(string().length(1, 100)).items(0, 100).nullable().not_enforced())
    .field("strategy_version", integer());
  return options;
}

const Description& connection_description() {
  static const Description connections = describe("connections")
    .field("name", string().required().length(1, 128).pattern(patterns::connection_name).create_only().about("The name of the connection"))
    .field("strategy", one_of(connection_strategies()).required().create_only().about("The identity provider identifier for the connection"))
    .field("display_name", string().max(128).about("Connection name used in the new universal login experience"))
    .field("options", open_object().nullable())
    .field("enabled_clients", array(string().length(1, 64)).unique().nullable())
    .field("is_domain_connection", boolean().by_default(false).not_enforced())
    .field("show_as_button", boolean().about("Enables showing a button for the connection in the login page"))
    .field("realms", array(string().length(1, 255)).items(0, 100).unique())
    .field("metadata", dictionary(string().max(255).nullable()).properties(0, 10).key_length(255))
    .field("authentication", purpose())
    .field("connected_accounts", object()
      .field("active", boolean().required())
      .field("cross_app_access", boolean())
      .field("offline_access", boolean())
      .not_enforced())
    .field("cross_app_access_requesting_app", object().field("active", boolean().required()).not_enforced())
    .field("cross_app_access_resource_app", object().field("status", one_of({"enabled", "disabled"})).nullable().not_enforced())
    .field("provisioning_ticket_url", string().read_only())
    .missing("The connection does not exist", "inexistent_connection")
    .taken("A connection with this name already exists", "connection_conflict")
    .status(Verb::remove, 202);
  return connections;
}

const Property& connection_clients_body() {
  static const Property body =
      array(object().field("client_id", string().required().length(1, 64)).field("status", boolean().required())).items(1, 50);
  return body;
}

}  // namespace gatehouse::model
