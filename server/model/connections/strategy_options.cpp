#include "model/connections/strategy_options.h"

#include <algorithm>
#include <map>

#include "model/connections/connection_description.h"

namespace gatehouse::model {
using namespace description;
namespace {

constexpr std::string_view kBuilt[] = {"apple", "auth0", "email", "facebook", "github", "google-apps", "google-oauth2", "linkedin",
                                       "oauth2", "oidc",  "okta",  "sms",      "waad",   "windowslive"};

constexpr std::string_view kEnterprise[] = {"ad", "adfs", "auth0-adldap", "ip", "office365", "pingfederate", "samlp", "sharepoint"};

template <size_t N>
bool is_one(const std::string_view (&list)[N], std::string_view name) {
  return std::ranges::find(list, name) != std::end(list);
}

Property text(size_t most = 2048) { return string().max(most).nullable(); }
Property flag() { return boolean().nullable(); }
/// A list of texts, or one text in which they stand with blanks between them.
Property words() { return either().alternative(string().max(4'096)).alternative(array(string().max(255)).items(0, 200)).nullable(); }
Property texts(size_t most) { return array(string().max(255)).items(0, most).nullable(); }

/// What all but databases may have.
Property common() {
  return open_object()
    .field("client_id", text())
    .field("client_secret", string().max(10'240).nullable().secret())
    .field("scope", words())
    .field("icon_url", text())
    .field("set_user_root_attributes", one_of({"on_each_login", "on_first_login", "never_on_login"}).nullable())
    .field("non_persistent_attrs", texts(100))
    .field("upstream_params", open_object().nullable());
}

Property with_enterprise(Property options) {
  return std::move(options)
    .field("tenant_domain", text())
    .field("domain", text())
    .field("domain_aliases", texts(1'000))
    .field("api_enable_users", flag())
    .field("should_trust_email_verified_connection", one_of({"always_set_emails_as_verified", "never_set_emails_as_verified"}).nullable());
}

Property with_saml(Property options) {
  return std::move(options)
    .field("signingCert", text(65'536))
    .field("signInEndpoint", text())
    .field("signOutEndpoint", text())
    .field("metadataUrl", text())
    .field("metadataXml", text(1 << 20))
    .field("signSAMLRequest", flag())
    .field("signatureAlgorithm", one_of({"rsa-sha1", "rsa-sha256"}).nullable())
    .field("digestAlgorithm", one_of({"sha1", "sha256"}).nullable())
    .field("protocolBinding", text())
    .field("disableSignOut", flag())
    .field("fieldsMap", open_object().nullable())
    .field("idpinitiated", open_object().field("enabled", flag()).field("client_id", text()).field("client_protocol", text(50)).field("client_authorizequery", text()).nullable());
}

Property passwordless() {
  return common()
    .field("name", text(255))
    .field("disable_signup", flag())
    .field("brute_force_protection", flag())
    .field("totp", open_object().field("time_step", integer().range(1, 86'400)).field("length", integer().range(4, 10)).nullable());
}

Property options_of(std::string_view strategy) {
  if (strategy == "email")
    return passwordless().field("email", open_object().field("from", text()).field("subject", text()).field("body", text(102'400)).field("syntax", one_of({"liquid"}).nullable()).nullable())
      .field("authParams", open_object().nullable());
  if (strategy == "sms")
    return passwordless()
      .field("from", text(100))
      .field("template", text(4'096))
      .field("syntax", one_of({"liquid", "md_with_macros"}).nullable())
      .field("provider", one_of({"sms_gateway", "twilio"}).nullable())
      .field("gateway_url", text())
      .field("gateway_authentication", open_object().field("secret", text().secret()).nullable())
      .field("forward_req_info", flag().not_enforced())
      .field("twilio_sid", text(100))
      .field("twilio_token", text(200).secret())
      .field("messaging_service_sid", text(100));
  Property options = common();
  if (is_one(kEnterprise, strategy)) options = with_enterprise(std::move(options));
  if (strategy == "samlp" || strategy == "pingfederate") options = with_saml(std::move(options));
  if (strategy == "adfs") options = std::move(options).field("adfs_server", text()).field("fedMetadataXml", text(1 << 20)).field("signInEndpoint", text()).field("thumbprints", texts(20));
  return options;
}

}  // namespace

const std::vector<std::string>& connection_strategies() {
  static const std::vector<std::string> all{
    "ad", "adfs", "amazon", "apple", "auth0", "auth0-adldap", "auth0-oidc", "baidu", "bitbucket", "bitly", "box", "custom", "daccount", "dropbox", "dwolla",
    "email", "evernote", "evernote-sandbox", "exact", "facebook", "fitbit", "flickr", "github", "google-apps", "google-oauth2", "instagram", "ip", "line",
    "linkedin", "miicard", "oauth1", "oauth2", "office365", "oidc", "okta", "paypal", "paypal-sandbox", "pingfederate", "planningcenter", "renren",
    "salesforce", "salesforce-community", "salesforce-sandbox", "samlp", "sharepoint", "shop", "shopify", "sms", "soundcloud", "thecity",
    "thecity-sandbox", "thirtysevensignals", "twitter", "untappd", "vkontakte", "waad", "weibo", "windowslive", "wordpress", "yahoo", "yammer", "yandex"};
  return all;
}

bool is_built_strategy(std::string_view strategy) { return is_one(kBuilt, strategy); }

const Property& strategy_options(std::string_view strategy) {
  if (const Property* upstream = upstream_options(strategy)) return *upstream;
  static const std::map<std::string, Property, std::less<>> all = [] {
    std::map<std::string, Property, std::less<>> made;
    for (const std::string& one : connection_strategies()) made.emplace(one, options_of(one));
    return made;
  }();
  const auto found = all.find(strategy);
  return found == all.end() ? all.begin()->second : found->second;
}

bool is_secret_option(std::string_view path) {
  for (const std::string_view one :
       {"client_secret", "app_secret", "twilio_token", "signing_key", "api_key", "smtp_pass", "LDAP_BIND_PASSWORD", "consumerSecret", "clientSecret",
        "secret", "decryptionKey", "decryptionKey.key", "signing_key.key", "signingKey.key", "gateway_authentication", "gateway_authentication.secret"})
    if (path == one) return true;
  return path.starts_with("configuration.");  // of database scripts: whatever they need to know
}

}  // namespace gatehouse::model
