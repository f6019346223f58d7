#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/secret_string.h"
#include "crypto/sealing.h"
#include "messaging/messenger.h"
#include "model/tenants/tenant_store.h"

namespace gatehouse::messaging {

// Tenant documents, as the API shows them, with the secret credentials sealed.
inline constexpr std::string_view kPhoneProviderDocument = "phone_provider";  ///< /branding/phone/providers: one a tenant
inline constexpr std::string_view kGuardianTwilioDocument = "guardian_twilio";  ///< `{from, messaging_service_sid, auth_token, sid}`
inline constexpr std::string_view kGuardianProviderDocument = "guardian_phone_provider";  ///< `{provider}`: auth0, twilio, …

/// How a phone message leaves.
struct PhoneRoute {
  enum class Kind { outbox, twilio, webhook };
  Kind kind = Kind::outbox;
  std::string url;   ///< Twilio's API without a final slash, or the webhook
  std::string from;  ///< the sender's number; may be empty
  std::vector<std::string> delivery_methods{"text", "voice"};
  // Twilio
  std::string account, messaging_service;
  // webhook: a bearer token with these claims, when there is a secret
  std::string subject, audience;
  SecretString secret;  ///< Twilio's auth_token, or what signs the webhook's bearer token (HS256)
};

inline constexpr std::string_view kTwilioApi = "https://api.twilio.com";

/// Seals the secret members (`auth_token`, `webhook_secret`) of credentials for a document of this tenant.
json::object seal_phone_credentials(const json::object& credentials, std::string_view document, const TenantId& tenant,
                                    const crypto::Sealer& sealer);

/// How this message leaves: the connection's own way, the second factor's, the tenant's provider, else the outbox. Errors: internal (a
/// secret does not open), unavailable.
Result<PhoneRoute> phone_route(const model::TenantStore& tenants, const crypto::Sealer& sealer, const PhoneMessage& message);

}  // namespace gatehouse::messaging
