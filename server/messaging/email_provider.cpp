#include "messaging/email_provider.h"

#include "model/resealing.h"

namespace gatehouse::messaging {
namespace {

std::string context(const TenantId& tenant, std::string_view credential) {
  return model::sealed_context("tenant_documents", "credentials." + std::string(credential), tenant.str() + "/" + std::string(kEmailProviderDocument));
}

}  // namespace

const std::vector<EmailProviderKind>& email_providers() {
  static const std::vector<EmailProviderKind> all{
      {"smtp", {"smtp_host", "smtp_port"}, {"smtp_user", "smtp_pass"}, {"smtp_pass"}, true},
      {"mandrill", {"api_key"}, {}, {"api_key"}},
      {"sendgrid", {"api_key"}, {}, {"api_key"}},
      {"resend", {"api_key"}, {}, {"api_key"}},
      {"sparkpost", {"api_key"}, {"region"}, {"api_key"}},
      {"mailgun", {"api_key", "domain"}, {"region"}, {"api_key"}},
      {"ses", {"accessKeyId", "secretAccessKey", "region"}, {}, {"accessKeyId", "secretAccessKey"}},
      {"azure_cs", {"connectionString"}, {}, {"connectionString"}},
      {"ms365", {"tenantId", "clientId", "clientSecret"}, {}, {"clientSecret", "clientId", "tenantId"}},
      {"custom", {}, {}, {}},
  };
  return all;
}

const EmailProviderKind* find_email_provider(std::string_view name) {
  for (const EmailProviderKind& kind : email_providers())
    if (kind.name == name) return &kind;
  return nullptr;
}

json::object seal_email_credentials(const EmailProviderKind& kind, const json::object& credentials, const TenantId& tenant, const crypto::Sealer& sealer) {
  json::object out = credentials;
  for (const std::string_view name : kind.secret)
    if (const auto value = get_string(credentials, name)) out[name] = sealer.seal(*value, context(tenant, name));
  return out;
}

Result<SecretString> open_email_credential(const json::object& provider, std::string_view name, const TenantId& tenant, const crypto::Sealer& sealer) {
  const json::object* credentials = get_object(provider, "credentials");
  const auto value = credentials ? get_string(*credentials, name) : std::nullopt;
  if (!value) return SecretString();
  return sealer.open(*value, context(tenant, name));
}

json::object show_email_provider(const json::object& provider) {
  json::object out = provider;
  const EmailProviderKind* kind = find_email_provider(get_string(provider, "name").value_or(""));
  if (json::value* credentials = out.if_contains("credentials"); kind && credentials && credentials->is_object())
    for (const std::string_view name : kind->secret) credentials->get_object().erase(name);
  return out;
}

}  // namespace gatehouse::messaging
