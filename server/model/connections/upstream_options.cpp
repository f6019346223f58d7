// `options` of connections whose people come from another identity provider by OAuth 2 or OpenID Connect. connections/upstream acts on them.
#include <map>

#include "model/connections/connection_description.h"

namespace gatehouse::model {
using namespace description;

namespace {

Property text(size_t longest = 2'048) { return string().max(longest).nullable(); }
Property texts(size_t longest = 255) { return array(string().max(longest)).items(0, 1'000).nullable(); }
Property flag() { return boolean().nullable(); }

/// What all of them take.
Property common() {
  return open_object()
    .field("client_id", text().about("Identifier that the provider gave to this tenant"))
    .field("client_secret", text().about("Secret that the provider gave to this tenant"))
    .field("freeform_scopes", texts().about("Scopes beyond those that have a switch"))
    .field("set_user_root_attributes", one_of({"on_each_login", "on_first_login", "never_on_login"}).about("When name, picture and the like are taken over"))
    .field("upstream_params", open_object().nullable().about("Parameters for the provider's authorization endpoint: {name: {value}} or {name: {alias}}"))
    .field("non_persistent_attrs", texts().not_enforced())
    .field("icon_url", text())
    .field("disable_signup", flag().about("Whether only people who have an account already may come"))
    .field("issuer", text().about("Issuer of the provider's ID tokens"))
    .field("jwks_uri", text().about("Where the provider publishes its keys"));
}

/// Providers that Auth0 has endpoints of built in: these go over them.
Property built_in() {
  return common()
    .field("authorizationURL", text().about("Overrides the provider's authorization endpoint"))
    .field("tokenURL", text().about("Overrides the provider's token endpoint"))
    .field("userInfoURL", text().about("Overrides the provider's user information endpoint"))
    .field("userEmailsURL", text().about("Overrides the provider's list of e-mail addresses"));
}

Property enterprise(Property base) {
  return std::move(base)
    .field("domain_aliases", texts().about("Mail domains whose people are sent there"))
    .field("tenant_domain", text(255));
}

Property custom_oauth2() {
  return common()
    .field("authorizationURL", text().about("Authorization endpoint"))
    .field("tokenURL", text().about("Token endpoint"))
    .field("userInfoURL", text().about("User information endpoint"))
    .field("profileMapping", dictionary(string().max(255)).properties(0, 100).key_length(100).nullable().about("Our attribute: its name there, or a JSON pointer"))
    .field("scope", text(4'096))
    .field("pkce_enabled", flag())
    .field("authParams", open_object().nullable())
    .field("authParamsMap", open_object().nullable())
    .field("fieldsMap", open_object().nullable())
    .field("customHeaders", open_object().nullable().about("Headers for the token endpoint"))
    .field("logoutUrl", text())
    .field("useOauthSpecScope", flag().not_enforced())
    .field("scripts", open_object().nullable().not_enforced().about("fetchUserProfile is kept; userInfoURL and profileMapping take its place"));
}

Property open_id() {
  return enterprise(common())
    .field("type", one_of({"back_channel", "front_channel"}))
    .field("discovery_url", text().about("Issuer of the provider, or the address of its discovery document"))
    .field("authorization_endpoint", text())
    .field("token_endpoint", text())
    .field("userinfo_endpoint", text())
    .field("oidc_metadata", open_object().nullable())
    .field("scope", text(4'096))
    .field("schema_version", string())
    .field("connection_settings", open_object().field("pkce", one_of({"auto", "S256", "s256", "plain", "disabled"})).nullable())
    .field("attribute_map", open_object()
      .field("mapping_mode", one_of({"bind_all", "use_map", "basic_profile"}))
      .field("attributes", open_object().nullable())
      .field("userinfo_scope", text(4'096))
      .nullable())
    .field("token_endpoint_auth_method", one_of({"client_secret_post", "client_secret_basic", "private_key_jwt", "none"}).nullable().about("private_key_jwt is kept, and refused at a login"))
    .field("token_endpoint_auth_signing_alg", text(20).not_enforced())
    .field("token_endpoint_jwtca_aud_format", text(40).not_enforced())
    .field("id_token_signed_response_algs", array(one_of({"RS256", "RS384", "RS512", "PS256", "PS384", "ES256", "ES384", "EdDSA", "HS256", "PS512", "ES512", "Ed25519"})).nullable())
    .field("id_token_session_expiry_supported", flag().not_enforced())
    .field("send_back_channel_nonce", flag().not_enforced())
    .field("dpop_signing_alg", text(20).not_enforced());
}

Property apple() {
  return built_in()
    .field("app_secret", text(10'000).about("PEM of the key that Apple gave"))
    .field("kid", text(64))
    .field("team_id", text(64));
}

Property waad() {
  return enterprise(built_in())
    .field("domain", text(255))
    .field("tenantId", text(255))
    .field("waad_common_endpoint", flag())
    .field("waad_protocol", text(40).not_enforced())
    .field("identity_api", text(60).not_enforced())
    .field("userid_attribute", one_of({"oid", "sub"}).nullable().about("What the user's id is made of; sub unless said, and always at the common endpoint"))
    .field("useCommonEndpoint", flag())
    .field("should_trust_email_verified_connection", one_of({"never_set_emails_as_verified", "always_set_emails_as_verified"}).nullable())
    .field("ext_access_token", flag().about("Whether the directory's access token is kept"))
    .field("api_enable_users", flag().not_enforced())
    .field("api_enable_groups", flag().not_enforced())
    .field("ext_nested_groups", flag().not_enforced())
    .field("max_groups_to_retrieve", text(20).not_enforced())
    .field("use_wsfed", flag().not_enforced());
}

Property google_apps() {
  return enterprise(built_in())
    .field("domain", text(255).about("The company's domain; people of others are refused"))
    .field("map_user_id_to_id", flag().about("Whether Google's number is the user's id, not the address"))
    .field("api_enable_users", flag().not_enforced())
    .field("api_enable_groups", flag().not_enforced())
    .field("ext_groups", flag().not_enforced())
    .field("ext_is_admin", flag().not_enforced())
    .field("ext_is_suspended", flag().not_enforced())
    .field("ext_agreed_terms", flag().not_enforced())
    .field("handle_login_from_social", flag().not_enforced());
}

}  // namespace

const Property* upstream_options(std::string_view strategy) {
  static const std::map<std::string, Property, std::less<>> all = [] {
    std::map<std::string, Property, std::less<>> made;
    made.emplace("google-oauth2", built_in().field("offline_access", flag()).field("allowed_audiences", texts().not_enforced()));
    made.emplace("github", built_in());
    made.emplace("apple", apple());
    made.emplace("windowslive", built_in().field("strategy_version", integer().not_enforced()));
    made.emplace("facebook", built_in());
    made.emplace("linkedin", built_in().field("strategy_version", integer().not_enforced()));
    made.emplace("oauth2", custom_oauth2());
    made.emplace("oidc", open_id());
    made.emplace("okta", open_id().field("domain", text(255).about("The company's Okta domain")));
    made.emplace("waad", waad());
    made.emplace("google-apps", google_apps());
    return made;
  }();
  const auto found = all.find(strategy);
  return found == all.end() ? nullptr : &found->second;
}

}  // namespace gatehouse::model
