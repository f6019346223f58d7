#include "model/clients/client_description.h"

namespace gatehouse::model {
using namespace description;

namespace {

const std::vector<std::string> app_types{"native",   "spa",      "regular_web", "non_interactive", "resource_server", "express_configuration", "b2b_integration",
                                         "rms",      "box",      "cloudbees",   "concur",          "dropbox",         "mscrm",                 "echosign",
                                         "egnyte",   "newrelic", "office365",   "salesforce",      "sentry",          "sharepoint",            "slack",
                                         "springcm", "zendesk",  "zoom",        "sso_integration", "oag"};

const std::vector<std::string> grant_types{
  "authorization_code", "implicit", "refresh_token", "client_credentials", "password",
  "http://auth0.com/oauth/grant-type/password-realm", "http://auth0.com/oauth/grant-type/mfa-oob", "http://auth0.com/oauth/grant-type/mfa-otp",
  "http://auth0.com/oauth/grant-type/mfa-recovery-code", "http://auth0.com/oauth/grant-type/passwordless/otp",
  "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:grant-type:jwt-bearer",
  "urn:ietf:params:oauth:grant-type:saml2-bearer", "urn:openid:params:grant-type:ciba", "urn:okta:params:oauth:grant-type:webauthn",
  "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token",
  "http://auth0.com/oauth/legacy/grant-type/ro", "http://auth0.com/oauth/legacy/grant-type/ro/jwt-bearer",
  "http://auth0.com/oauth/legacy/grant-type/delegation/refresh_token", "http://auth0.com/oauth/legacy/grant-type/delegation/id_token",
  "http://auth0.com/oauth/legacy/grant-type/access_token"};

Property urls(std::string sentence) { return array(string().length(1, 2048).format(Format::callback_url)).items(0, 1000).unique().about(std::move(sentence)); }

Property oidc_logout() {
  return open_object()
    .field("backchannel_logout_urls", array(string().length(1, 2048).format(Format::url)).items(0, 10))
    .field("backchannel_logout_initiators", open_object()
      .field("mode", one_of({"custom", "all"}))
      .field("selected_initiators", array(one_of({"rp-logout", "idp-logout", "password-changed", "session-expired", "session-revoked", "account-deleted",
                                                  "email-identifier-changed", "mfa-phone-unenrolled", "account-deactivated"})).unique()))
    .field("backchannel_logout_session_metadata", open_object().field("include", boolean()).nullable())
    .not_enforced();
}

Property session_transfer() {
  return object()
    .field("can_create_session_transfer_token", boolean())
    .field("enforce_cascade_revocation", boolean())
    .field("allowed_authentication_methods", array(one_of({"cookie", "query"})).nullable())
    .field("enforce_device_binding", one_of({"ip", "asn", "none"}))
    .field("allow_refresh_token", boolean())
    .field("enforce_online_refresh_tokens", boolean())
    .field("delegation", object().field("allow_delegated_access", boolean()).field("enforce_device_binding", one_of({"ip"})).nullable())
    .nullable().not_enforced();
}

Property jwt_configuration() {
  return open_object()
    .field("lifetime_in_seconds", integer().range(1, 2'592'000).about("Number of seconds the JWT will be valid for"))
    .field("secret_encoded", boolean().by_default(false).not_enforced())
    .field("scopes", open_object().not_enforced())
    .field("alg", one_of({"HS256", "RS256", "RS512", "PS256"}))
    .merged();
}

Property refresh_token() {
  return object()
    .field("rotation_type", one_of({"rotating", "non-rotating"}).required())
    .field("expiration_type", one_of({"expiring", "non-expiring"}).required())
    .field("leeway", integer().range(0, 86'400).by_default(0))
    .field("token_lifetime", integer().range(1, 157'788'000))
    .field("infinite_token_lifetime", boolean())
    .field("idle_token_lifetime", integer().range(1, 157'788'000))
    .field("infinite_idle_token_lifetime", boolean())
    .field("policies", array(object().field("audience", string().required().length(1, 600)).field("scope", array(string().length(1, 280)).required()))
      .nullable().not_enforced())
    .nullable();
}

Property mobile() {
  return open_object()
    .field("android", open_object().field("app_package_name", string().max(255)).field("sha256_cert_fingerprints", array(string().max(255))))
    .field("ios", open_object().field("team_id", string().max(255)).field("app_bundle_identifier", string().max(255)))
    .merged().not_enforced();
}

Property native_social_login() {
  const auto provider = [] { return object().field("enabled", boolean()).nullable(); };
  return object().field("apple", provider()).field("facebook", provider()).field("google", provider()).merged().nullable().not_enforced();
}

/// A key as it is given at creation, or the id of one that exists.
Property credentials() {
  return array(either()
    .alternative(object().field("id", string().required().length(1, 64)))
    .alternative(client_credential_body())).items(0, 10).required();
}

Property client_authentication_methods() {
  return object()
    .field("private_key_jwt", object().field("credentials", credentials()))
    .field("tls_client_auth", object().field("credentials", credentials()).not_enforced())
    .field("self_signed_tls_client_auth", object().field("credentials", credentials()).not_enforced())
    .properties(1, 3).nullable();
}

Property token_quota() {
  return object()
    .field("client_credentials", object()
      .field("enforce", boolean())
      .field("per_day", integer().at_least(1))
      .field("per_hour", integer().at_least(1))
      .required())
    .nullable().not_enforced();
}

Property express_configuration() {
  return object()
    .field("initiate_login_uri_template", string().required().max(2048))
    .field("user_attribute_profile_id", string().required().max(64))
    .field("connection_profile_id", string().required().max(64))
    .field("enable_client", boolean().required())
    .field("enable_organization", boolean().required())
    .field("linked_clients", array(object().field("client_id", string().required().max(64))))
    .field("okta_oin_client_id", string().required().max(64))
    .field("admin_login_domain", string().required().max(255))
    .field("oin_submission_id", string().max(255))
    .nullable().not_enforced();
}

Property my_organization_configuration() {
  return object()
    .field("connection_profile_id", string().max(64))
    .field("user_attribute_profile_id", string().max(64))
    .field("allowed_strategies", array(one_of({"pingfederate", "adfs", "waad", "google-apps", "okta", "oidc", "samlp"})).required())
    .field("connection_deletion_behavior", one_of({"allow", "allow_if_empty"}).required())
    .field("invitation_landing_client_id", string().max(64))
    .nullable().not_enforced();
}

Property token_vault_privileged_access() {
  return object()
    .field("credentials", credentials())
    .field("ip_allowlist", array(string().format(Format::ip_or_cidr)))
    .field("grants", array(object().field("connection", string().required().max(128)).field("scopes", array(string().max(280)).required())))
    .nullable().not_enforced();
}

/// Organizations, quotas and what else waits for its issue: kept and returned.
Description with_later_features(Description clients) {
  return std::move(clients)
    .field("default_organization", object()
      .field("organization_id", string().required().max(64))
      .field("flows", array(one_of({"client_credentials"})).required())
      .nullable().not_enforced())
    .field("organization_usage", one_of({"deny", "allow", "require"}).nullable().not_enforced())
    .field("organization_require_behavior", one_of({"no_prompt", "pre_login_prompt", "post_login_prompt"}).nullable().not_enforced())
    .field("organization_discovery_methods", array(one_of({"email", "organization_name"})).unique().nullable().not_enforced())
    .field("require_pushed_authorization_requests", boolean().not_enforced())
    .field("require_proof_of_possession", boolean().not_enforced())
    .field("signed_request_object", object().field("required", boolean()).field("credentials", credentials()).nullable().not_enforced())
    .field("token_vault_privileged_access", token_vault_privileged_access())
    .field("compliance_level", one_of({"none", "fapi1_adv_pkj_par", "fapi1_adv_mtls_par", "fapi2_sp_pkj_mtls", "fapi2_sp_mtls_mtls"}).nullable().not_enforced())
    .field("token_exchange", object()
      .field("allow_any_profile_of_type", array(one_of({"custom_authentication", "on_behalf_of_token_exchange"})))
      .nullable().not_enforced())
    .field("par_request_expiry", integer().range(10, 600).nullable().not_enforced())
    .field("token_quota", token_quota())
    .field("resource_server_identifier", string().length(1, 600).create_only().not_enforced())
    .field("identity_assertion_authorization_grant", object().field("active", boolean().required()).nullable().not_enforced())
    .field("third_party_security_mode", one_of({"strict", "permissive"}).not_enforced())
    .field("redirection_policy", one_of({"allow_always", "open_redirect_protection"}).not_enforced())
    .field("express_configuration", express_configuration())
    .field("my_organization_configuration", my_organization_configuration())
    .field("async_approval_notification_channels", array(one_of({"guardian-push", "email"})).nullable().not_enforced())
    .field("fedcm_login", object().field("google", object().field("is_enabled", boolean()).nullable()).nullable().not_enforced());
}

Description base() {
  return describe("clients")
    .field("name", string().required().length(1, 255).pattern(patterns::no_angle_brackets).about("Name of this client"))
    .field("description", string().max(140).about("Free text description of this client"))
    .field("client_secret", string().length(1, 256).secret("read:client_keys").about("Client secret"))
    .field("logo_uri", string().max(2048).format(Format::uri_or_empty).about("URL of the logo to display for this client"))
    .field("callbacks", urls("URLs whitelisted for Auth0 to use as a callback to the client after authentication"))
    .field("allowed_origins", urls("URLs allowed to make requests from JavaScript"))
    .field("web_origins", urls("URLs allowed for the web message response mode"))
    .field("allowed_logout_urls", urls("URLs that are valid to redirect to after logout"))
    .field("client_aliases", array(string().length(1, 2048)).unique().not_enforced())
    .field("allowed_clients", array(string().length(1, 2048)).unique().not_enforced())
    .field("grant_types", array(one_of(grant_types)).unique().about("List of grant types supported for this application"))
    .field("token_endpoint_auth_method", one_of({"none", "client_secret_post", "client_secret_basic"}).nullable())
    .field("is_token_endpoint_ip_header_trusted", boolean().by_default(false))
    .field("app_type", one_of(app_types).about("Type of client"))
    .field("is_first_party", boolean().by_default(true))
    .field("oidc_conformant", boolean().by_default(false).not_enforced())
    .field("jwt_configuration", jwt_configuration())
    .field("encryption_key", open_object()
      .field("pub", string().max(4096))
      .field("cert", string().max(8192))
      .field("subject", string().max(1024))
      .nullable().not_enforced())
    .field("sso", boolean().not_enforced())
    .field("sso_disabled", boolean().by_default(false).not_enforced())
    .field("cross_origin_authentication", boolean().by_default(false).not_enforced())
    .field("cross_origin_loc", string().max(2048).format(Format::uri_or_empty).nullable().not_enforced())
    .field("custom_login_page_on", boolean().by_default(true).not_enforced())
    .field("custom_login_page", string().not_enforced())
    .field("custom_login_page_preview", string().not_enforced())
    .field("form_template", string().not_enforced())
    .field("addons", client_addons().merged().nullable().not_enforced())
    .field("client_metadata", dictionary(string().max(255).nullable()).properties(0, 10).key_length(255).merged())
    .field("mobile", mobile())
    .field("initiate_login_uri", string().max(2048).format(Format::https_uri_or_empty).about("Initiate login uri, must be https"))
    .field("native_social_login", native_social_login())
    .field("refresh_token", refresh_token())
    .field("oidc_logout", oidc_logout())
    .field("oidc_backchannel_logout", oidc_logout())
    .field("session_transfer", session_transfer())
    .field("client_authentication_methods", client_authentication_methods())
    .field("skip_non_verifiable_callback_uri_confirmation_prompt", boolean().nullable())
    .field("global", boolean().read_only())
    .id("client_id")
    .list_length()
    .scope(Verb::list, {"read:clients", "read:client_keys", "read:client_credentials", "read:client_summary"})
    .scope(Verb::read, {"read:clients", "read:client_keys", "read:client_credentials", "read:client_summary"})
    .scope(Verb::update, {"update:clients", "update:client_keys", "update:client_credentials", "update:client_token_vault_privileged_access"})
    .missing("The client does not exist", "inexistent_client");
}

}  // namespace

const Description& client_description() {
  static const Description clients = with_later_features(base());
  return clients;
}

const Property& client_credential_body() {
  static const Property body = object()
    .field("credential_type", one_of({"public_key", "cert_subject_dn", "x509_cert"}).required().about("The type of credential"))
    .field("name", string().max(128).about("Friendly name for a credential"))
    .field("subject_dn", string().length(1, 256))
    .field("pem", string().length(1, 8192).about("PEM-formatted public key or X509 certificate"))
    .field("alg", one_of({"RS256", "RS384", "PS256"}))
    .field("parse_expiry_from_cert", boolean())
    .field("expires_at", string().format(Format::date_time).about("Date of the expiration of the credential"))
    .field("kid", string().length(1, 64));
  return body;
}

const Property& client_credential_patch() {
  static const Property body = object().field("expires_at", string().format(Format::date_time).nullable().about("Date of the expiration of the credential"));
  return body;
}

}  // namespace gatehouse::model
