#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/json.h"
#include "base/secret_string.h"
#include "crypto/sealing.h"

namespace gatehouse::messaging {

/// The tenant document that holds the provider: `{name, enabled, default_from_address, credentials, settings}`, as the API takes
/// it, with the secret credentials sealed.
inline constexpr std::string_view kEmailProviderDocument = "email_provider";

/// What Auth0 knows of a provider by name.
struct EmailProviderKind {
  std::string_view name;
  std::vector<std::string_view> required;  ///< credentials
  std::vector<std::string_view> optional;
  std::vector<std::string_view> secret;    ///< of them: sealed, never given back
  bool is_built = false;                   ///< whether Gatehouse sends through it; else mails go to the outbox
};
/// Null when there is no such provider.
const EmailProviderKind* find_email_provider(std::string_view name);
const std::vector<EmailProviderKind>& email_providers();

/// Credentials in clear, as the API takes them, with the secret ones sealed for this tenant.
json::object seal_email_credentials(const EmailProviderKind& kind, const json::object& credentials, const TenantId& tenant, const crypto::Sealer& sealer);
/// A secret credential of the document; empty when there is none. Errors: internal.
Result<SecretString> open_email_credential(const json::object& provider, std::string_view name, const TenantId& tenant, const crypto::Sealer& sealer);
/// As the API shows it: without secrets.
json::object show_email_provider(const json::object& provider);

}  // namespace gatehouse::messaging
