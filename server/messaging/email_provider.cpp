#include "messaging/email_provider.h"

namespace gatehouse::messaging {
namespace {

constexpr std::string_view kSealedMark = "sealed:";  // no provider's credential begins so

std::string context(const TenantId& tenant, std::string_view credential) {
  return "tenant_documents/" + tenant.str() + "/email_provider/" + std::string(credential);
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

json::object seal_email_provider(const json::object& provider, const TenantId& tenant, const crypto::Sealer& sealer) {
  json::object out = provider;
  const EmailProviderKind* kind = find_email_provider(get_string(provider, "name").value_or(""));
  json::value* credentials = out.if_contains("credentials");
  if (!kind || !credentials || !credentials->is_object()) return out;
  for (const std::string_view name : kind->secret) {
    const auto value = get_string(credentials->get_object(), name);
    if (!value || value->starts_with(kSealedMark)) continue;
    credentials->get_object()[name] = std::string(kSealedMark) + sealer.seal(*value, context(tenant, name));
  }
  return out;
}

Result<SecretString> open_email_credential(const json::object& provider, std::string_view name, const TenantId& tenant, const crypto::Sealer& sealer) {
  const json::object* credentials = get_object(provider, "credentials");
  const auto value = credentials ? get_string(*credentials, name) : std::nullopt;
  if (!value) return SecretString();
  if (!value->starts_with(kSealedMark)) return Error{Errc::internal, "", "an e-mail credential is not sealed"};
  return sealer.open(value->substr(kSealedMark.size()), context(tenant, name));
}

json::object show_email_provider(const json::object& provider) {
  json::object out = provider;
  const EmailProviderKind* kind = find_email_provider(get_string(provider, "name").value_or(""));
  if (json::value* credentials = out.if_contains("credentials"); kind && credentials && credentials->is_object())
    for (const std::string_view name : kind->secret) credentials->get_object().erase(name);
  return out;
}

}  // namespace gatehouse::messaging
