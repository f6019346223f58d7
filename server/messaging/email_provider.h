#pragma once
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/json.h"
#include "base/secret_string.h"
#include "crypto/sealing.h"

namespace gatehouse::messaging {

/// The tenant document that holds the provider: `{name, enabled, default_from_address, credentials, settings}`, as the API takes
/// it, with the secret credentials sealed.
inline constexpr std::string_view kEmailProviderDocument = "email_provider";

/// Whether Gatehouse sends through a provider of this name; mails of other ones go to the outbox.
bool is_built_email_provider(std::string_view name);

/// Credentials in clear, as the API takes them, with those that the provider's description calls secret sealed for this tenant.
json::object seal_email_credentials(std::string_view provider, const json::object& credentials, const TenantId& tenant,
                                    const crypto::Sealer& sealer);
/// A secret credential of the document; empty when there is none. Errors: internal.
Result<SecretString> open_email_credential(const json::object& provider, std::string_view name, const TenantId& tenant,
                                           const crypto::Sealer& sealer);
/// As the API shows it: without secrets.
json::object show_email_provider(const json::object& provider);

}  // namespace gatehouse::messaging
