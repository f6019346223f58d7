#include "connections/database/links.h"

#include "liquid/liquid.h"
#include "messaging/mail_templates.h"

namespace gatehouse::connections {

void LinkSettings::write_to(json::object& ticket_data) const {
  if (result_url.empty()) return;
  ticket_data["result_url"] = result_url;
  ticket_data["includeEmailInRedirect"] = email_in_redirect;
}

Result<LinkSettings> link_settings(storage::Reader& reader, const model::Tenant& tenant, std::string_view template_name, const json::object& mail_variables,
                                   seconds lifetime) {
  TRY(const json::object document, model::TenantStore::document(reader, tenant.id, messaging::mail_template_document(template_name)));
  LinkSettings settings{.lifetime = lifetime};
  if (const auto configured = get_int(document, "urlLifetimeInSeconds"); configured && *configured > 0) settings.lifetime = seconds(*configured);
  settings.email_in_redirect = get_bool(document, "includeEmailInRedirect").value_or(false);
  if (const auto url = get_string(document, "resultUrl"); url && !url->empty()) {
    json::object variables;
    for (const std::string_view name : {"application", "client"})
      if (const json::value* value = mail_variables.if_contains(name)) variables[name] = *value;
    if (const auto parsed = liquid::Template::parse(*url))
      if (auto rendered = parsed->render(variables, {.escape = false})) settings.result_url = std::move(*rendered);
  }
  return settings;
}

}  // namespace gatehouse::connections
