#include "model/tenants/tenant_description.h"

namespace gatehouse::model {
using namespace description;

namespace {

/// Flags whose effect is built; all others are kept and returned.
const char* const enforced_flags[] = {"disable_clickjack_protection_headers", "enable_public_signup_user_exists_error", "revoke_refresh_token_grant"};

const char* const other_flags[] = {
  "change_pwd_flow_v1", "enable_apis_section", "disable_impersonation", "enable_client_connections", "enable_pipeline2", "allow_legacy_delegation_grant_types",
  "allow_legacy_ro_grant_types", "allow_legacy_tokeninfo_endpoint", "enable_legacy_profile", "enable_idtoken_api2", "enable_sso", "allow_changing_enable_sso",
  "no_disclose_enterprise_connections", "enforce_client_authentication_on_passwordless_start",
  "cannot_change_enforce_client_authentication_on_passwordless_start", "enable_adfs_waad_email_verification", "dashboard_log_streams_next",
  "dashboard_insights_view", "disable_fields_map_fix", "mfa_show_factor_list_on_enrollment", "improved_signup_bot_detection_in_classic", "genai_trial",
  "enable_dynamic_client_registration", "disable_management_api_sms_obfuscation", "trust_azure_adfs_email_verified_connection_property",
  "custom_domains_provisioning", "use_scope_descriptions_for_consent", "enable_custom_domain_in_emails", "remove_alg_from_jwks", "enable_legacy_logs_search_v2", "universal_login",
  "new_universal_login_experience_enabled", "allow_other_legacy_grant_types", "require_signed_request_object", "user_attribute_profile_v2"};

Property flags() {
  Property flags = object();
  for (const char* name : enforced_flags) flags = std::move(flags).field(name, boolean());
  for (const char* name : other_flags) flags = std::move(flags).field(name, boolean().not_enforced());
  return std::move(flags).merged();
}

Property custom_page() { return object().field("enabled", boolean()).field("html", string()).merged().nullable().not_enforced(); }

Property quota() {
  return open_object().field("client_credentials", object()
    .field("enforce", boolean())
    .field("per_day", integer().at_least(1))
    .field("per_hour", integer().at_least(1))
    .required());
}

Property hours(double most) { return number().range(0, most); }
Property minutes(double most) { return integer().range(1, most); }

Property color() { return string().pattern(patterns::hex_color); }

Property colors() {
  return object()
    .field("primary", color().about("Accent color"))
    .field("page_background", either()
      .alternative(color())
      .alternative(object().field("type", string().max(50)).field("start", color()).field("end", color()).field("angle_deg", integer().range(0, 360))));
}

}  // namespace

const std::vector<std::string>& locales() {
  static const std::vector<std::string> all{
    "am", "ar", "ar-EG", "ar-SA", "az", "bg", "bn", "bs", "ca-ES", "cnr", "cs", "cy", "da", "de", "el", "en", "en-CA", "es", "es-419", "es-AR", "es-MX", "et",
    "eu-ES", "fa", "fi", "fr", "fr-CA", "fr-FR", "gl-ES", "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "kn", "ko", "lt", "lv", "mk",
    "ml", "mn", "mr", "ms", "my", "nb", "nl", "nn", "no", "pa", "pl", "pt", "pt-BR", "pt-PT", "ro", "ru", "sk", "sl", "so", "sq", "sr", "sv", "sw", "ta", "te",
    "th", "tl", "tr", "uk", "ur", "vi", "zgh", "zh-CN", "zh-HK", "zh-MO", "zh-TW"};
  return all;
}

const Property& tenant_settings_body() {
  constexpr double year = 8760, idle = 2400;  // the most hours of a session, and without use
  static const Property body = object()
    .field("friendly_name", string().max(255).about("Friendly name for this tenant."))
    .field("picture_url", string().max(2048).format(Format::uri_or_empty).about("URL of logo to be shown for this tenant"))
    .field("support_email", string().max(254).format(Format::email_or_empty).about("End-user support email."))
    .field("support_url", string().max(2048).format(Format::uri_or_empty).about("End-user support url."))
    .field("default_audience", string().max(600).about("Default audience for API Authorization."))
    .field("default_directory", string().max(128))
    .field("default_redirection_uri", string().max(2048).format(Format::https_uri_or_empty).not_enforced())
    .field("allowed_logout_urls", array(string().length(1, 2048).format(Format::callback_url)).items(0, 1000).unique())
    .field("session_lifetime", hours(year))
    .field("session_lifetime_in_minutes", minutes(year * 60))
    .field("idle_session_lifetime", hours(idle))
    .field("idle_session_lifetime_in_minutes", minutes(idle * 60))
    .field("ephemeral_session_lifetime", hours(year).not_enforced())
    .field("ephemeral_session_lifetime_in_minutes", minutes(year * 60).not_enforced())
    .field("idle_ephemeral_session_lifetime", hours(year).not_enforced())
    .field("idle_ephemeral_session_lifetime_in_minutes", minutes(year * 60).not_enforced())
    .field("sandbox_version", string().length(1, 8).not_enforced())
    .field("legacy_sandbox_version", string().max(8).not_enforced())
    .field("enabled_locales", array(one_of(locales())).items(1, 100).unique())
    .field("flags", flags())
    .field("session_cookie", object().field("mode", one_of({"persistent", "non-persistent"}).required()).nullable())
    .field("sessions", object().field("oidc_logout_prompt_enabled", boolean()).nullable().not_enforced())
    .field("oidc_logout", object().field("rp_logout_end_session_endpoint_discovery", boolean()))
    .field("change_password", custom_page())
    .field("guardian_mfa_page", custom_page())
    .field("error_page", object().field("html", string()).field("show_log_link", boolean()).field("url", string().max(2048)).merged().nullable().not_enforced())
    .field("device_flow", object().field("charset", one_of({"base20", "digits"})).field("mask", string().max(20)).nullable().not_enforced())
    .field("default_token_quota", object().field("clients", quota()).field("organizations", quota()).nullable().not_enforced())
    .field("security_headers", open_object().nullable().not_enforced())
    .field("customize_mfa_in_postlogin_action", boolean().nullable().not_enforced())
    .field("allow_organization_name_in_authentication_api", boolean().nullable().not_enforced())
    .field("acr_values_supported", array(string().length(1, 255)).nullable().not_enforced())
    .field("mtls", object().field("enable_endpoint_aliases", boolean()).nullable().not_enforced())
    .field("pushed_authorization_requests_supported", boolean().nullable().not_enforced())
    .field("authorization_response_iss_parameter_supported", boolean().nullable().not_enforced())
    .field("skip_non_verifiable_callback_uri_confirmation_prompt", boolean().nullable())
    .field("resource_parameter_profile", one_of({"audience", "compatibility"}).not_enforced())
    .field("client_id_metadata_document_supported", boolean().not_enforced())
    .field("enable_ai_guide", boolean().not_enforced())
    .field("phone_consolidated_experience", boolean().not_enforced())
    .field("include_session_metadata_in_tenant_logs", boolean().not_enforced())
    .field("dynamic_client_registration_security_mode", one_of({"strict", "permissive"}).not_enforced())
    .field("country_codes", object().field("list", array(string().length(2, 2))).field("mode", one_of({"allow", "deny"})).nullable().not_enforced())
    .field("universal_login", open_object()
      .field("colors", colors())
      .field("passwordless", open_object().field("allow_magiclink_verify_without_session", boolean()))
      .merged().nullable());
  return body;
}

const Property& branding_body() {
  static const Property body = object()
    .field("colors", colors().nullable())
    .field("favicon_url", string().max(2048).format(Format::uri_or_empty).nullable())
    .field("logo_url", string().max(2048).format(Format::uri_or_empty).nullable())
    .field("font", object().field("url", string().max(2048).format(Format::uri_or_empty)).nullable().not_enforced())
    .field("identifiers", open_object().nullable().not_enforced())
    .field("phone_display", open_object().nullable().not_enforced());
  return body;
}

const Property& prompts_body() {
  static const Property body = object()
    .field("universal_login_experience", one_of({"new", "classic"}).not_enforced())
    .field("identifier_first", boolean().nullable())
    .field("webauthn_platform_first_factor", boolean().nullable().not_enforced());
  return body;
}

json::object default_tenant_settings(bool local) {
  json::object settings;
  settings["friendly_name"] = "Gatehouse";
  settings["change_password"] = {{"enabled", false}};
  settings["guardian_mfa_page"] = {{"enabled", false}};
  settings["enabled_locales"] = {"en"};
  settings["session_lifetime"] = 168;
  settings["idle_session_lifetime"] = 72;
  settings["sandbox_version"] = "22";
  settings["oidc_logout"] = {{"rp_logout_end_session_endpoint_discovery", true}};
  settings["resource_parameter_profile"] = "audience";
  settings["phone_consolidated_experience"] = false;
  settings["client_id_metadata_document_supported"] = false;
  settings["dynamic_client_registration_security_mode"] = "strict";
  if (local) settings["skip_non_verifiable_callback_uri_confirmation_prompt"] = true;
  settings["universal_login"] = {{"passwordless", {{"allow_magiclink_verify_without_session", true}}}};
  json::object& flags = settings["flags"].emplace_object();
  for (const char* name : {"allow_changing_enable_sso", "allow_legacy_delegation_grant_types", "allow_legacy_ro_grant_types", "allow_other_legacy_grant_types",
                           "enable_dynamic_client_registration", "revoke_refresh_token_grant", "disable_clickjack_protection_headers"})
    flags[name] = false;
  for (const char* name : {"cannot_change_enforce_client_authentication_on_passwordless_start", "disable_impersonation", "enable_sso",
                           "enforce_client_authentication_on_passwordless_start", "universal_login"})
    flags[name] = true;
  return settings;
}

json::object default_prompts() {
  json::object prompts;
  prompts["universal_login_experience"] = "new";
  prompts["identifier_first"] = false;
  return prompts;
}

}  // namespace gatehouse::model
