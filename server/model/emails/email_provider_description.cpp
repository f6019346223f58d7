#include "model/emails/email_provider_description.h"

#include <map>

namespace gatehouse::model {
using namespace description;

namespace {

Property text() { return string().length(1, 4'096); }
Property region() { return string().max(100).nullable(); }

}  // namespace

const Property& email_provider_body() {
  static const Property body = object()
    .field("name", one_of({"mailgun", "mandrill", "sendgrid", "resend", "ses", "sparkpost", "smtp", "azure_cs", "ms365", "custom"}).required().about("Name of the email provider."))
    .field("enabled", boolean().by_default(true).about("Whether the provider is enabled (true) or disabled (false)."))
    .field("default_from_address", string().max(1'000).about("Email address to use as \"from\" when no other address specified."))
    .field("credentials", open_object().required().about("Credentials required to use the provider."))
    .field("settings", open_object().nullable().about("Specific provider setting; `base_url`: another address than the provider's own"));
  return body;
}

/// Through `custom`, which is an Action, nothing is sent: the outbox stands in (docs say so).
const Property* email_credentials(std::string_view provider) {
  static const std::map<std::string_view, Property> all = [] {
    std::map<std::string_view, Property> map;
    map.emplace("smtp", object()
      .field("smtp_host", string().length(1, 253).format(Format::hostname).required().about("SMTP host."))
      .field("smtp_port", integer().range(1, 65'535).required().about("SMTP port."))
      .field("smtp_user", string().max(1'000).about("SMTP username."))
      .field("smtp_pass", string().max(4'096).secret().about("SMTP password.")));
    for (const std::string_view name : {"mandrill", "resend"}) map.emplace(name, object().field("api_key", text().secret().required()));
    map.emplace("sendgrid", object().field("api_user", string().max(1'000)).field("api_key", text().secret().required()));
    map.emplace("sparkpost", object().field("api_key", text().secret().required()).field("region", region()));
    map.emplace("mailgun", object()
      .field("api_key", text().secret().required())
      .field("domain", text().required())
      .field("region", region()));
    map.emplace("ses", object()
      .field("accessKeyId", text().secret().required())
      .field("secretAccessKey", text().secret().required())
      .field("region", text().required()));
    map.emplace("azure_cs", object().field("connectionString", text().secret().required()));
    map.emplace("ms365", object()
      .field("tenantId", text().secret().required())
      .field("clientId", text().secret().required())
      .field("clientSecret", text().secret().required()));
    map.emplace("custom", open_object());
    return map;
  }();
  const auto found = all.find(provider);
  return found == all.end() ? nullptr : &found->second;
}

}  // namespace gatehouse::model
