#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/json.h"
#include "model/description/property.h"

namespace gatehouse::model {

/// Settings of second factors: documents of a tenant (TenantStore::document), each with Auth0's properties and defaults. The Management
/// API writes them below /guardian; mfa/ reads them.
namespace guardian {

/// {"otp": true, …}: which factors are on. Absent: off.
inline constexpr std::string_view kFactors = "guardian/factors";
/// {"policies": ["all-applications"]} or ["confidence-score"]; absent or empty: a second factor is never asked for.
inline constexpr std::string_view kPolicies = "guardian/policies";
/// {"message_types": ["sms", "voice"]}
inline constexpr std::string_view kPhoneMessageTypes = "guardian/phone_message_types";
/// {"overrideRelyingParty": false, "relyingPartyIdentifier": …, "userVerification": …}
inline constexpr std::string_view kWebAuthnRoaming = "guardian/webauthn_roaming";
inline constexpr std::string_view kWebAuthnPlatform = "guardian/webauthn_platform";
/// {"provider": "guardian" | "sns" | "direct"}
inline constexpr std::string_view kPushProvider = "guardian/push_provider";

/// Names of factors, in the order in which lists show them.
inline constexpr std::array<std::string_view, 8> kFactorNames{
    "sms", "push-notification", "otp", "email", "duo", "webauthn-roaming", "webauthn-platform", "recovery-code"};
/// Whether switching it on does something here: Duo and push notifications are kept and without effect.
[[nodiscard]] bool is_built(std::string_view factor);

/// A settings document with a route of its own.
struct Document {
  std::string_view path;   ///< below /api/v2
  std::string_view name;   ///< where it is stored
  std::string_view words;  ///< in the tenant log
  const Property& (*body)();
  json::object (*defaults)();
  bool readable = true;  ///< GET
  bool patched = false;  ///< PATCH beside PUT
};
/// All of them but factors and policies. Secret properties are sealed (secret_context) and not shown.
const std::vector<Document>& documents();
/// What a sealed property of a document is bound to.
std::string secret_context(const TenantId& tenant, std::string_view document, std::string_view property);

const Property& factor_body();
const Property& policies_body();

}  // namespace guardian
}  // namespace gatehouse::model
