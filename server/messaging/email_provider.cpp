#include "messaging/email_provider.h"

#include "messaging/api_mail_sender.h"
#include "model/emails/email_provider_description.h"
#include "model/resealing.h"

namespace gatehouse::messaging {
namespace {

std::string context(const TenantId& tenant, std::string_view credential) {
  return model::sealed_context("tenant_documents", "credentials." + std::string(credential),
                               tenant.str() + "/" + std::string(kEmailProviderDocument));
}

}  // namespace

bool is_built_email_provider(std::string_view name) { return name == "smtp" || has_mail_api(name); }

json::object seal_email_credentials(std::string_view provider, const json::object& credentials, const TenantId& tenant,
                                    const crypto::Sealer& sealer) {
  json::object out = credentials;
  if (const model::Property* description = model::email_credentials(provider))
    for (const auto& [name, property] : description->fields())
      if (const auto value = get_string(credentials, name); value && property.is_secret())
        out[name] = sealer.seal(*value, context(tenant, name));
  return out;
}

Result<SecretString> open_email_credential(const json::object& provider, std::string_view name, const TenantId& tenant,
                                           const crypto::Sealer& sealer) {
  const json::object* credentials = get_object(provider, "credentials");
  const auto value = credentials ? get_string(*credentials, name) : std::nullopt;
  if (!value) return SecretString();
  return sealer.open(*value, context(tenant, name));
}

json::object show_email_provider(const json::object& provider) {
  json::object out = provider;
  json::value* credentials = out.if_contains("credentials");
  const model::Property* description = model::email_credentials(get_string(provider, "name").value_or(""));
  if (!description || !credentials || !credentials->is_object()) return out;
  for (const auto& [name, property] : description->fields())
    if (property.is_secret()) credentials->get_object().erase(name);
  return out;
}

}  // namespace gatehouse::messaging
