#pragma once
#include "model/description/property.h"

namespace gatehouse::model {

/// The settings of /attack-protection: what a PATCH may carry, and Auth0's defaults, over which the tenant's documents lie.
struct AttackProtectionDescription {
  std::string_view path;      ///< below /api/v2
  std::string_view document;  ///< of the tenant
  std::string_view words;     ///< in the tenant log
  const Property& (*body)();
  json::object (*defaults)();
};
const std::vector<AttackProtectionDescription>& attack_protection_descriptions();

const Property& captcha_body();

inline constexpr std::string_view kBruteForceDocument = "attack_protection/brute_force_protection";
inline constexpr std::string_view kThrottlingDocument = "attack_protection/suspicious_ip_throttling";
inline constexpr std::string_view kBreachedPasswordDocument = "attack_protection/breached_password_detection";
inline constexpr std::string_view kBotDetectionDocument = "attack_protection/bot_detection";
inline constexpr std::string_view kCaptchaDocument = "attack_protection/captcha";

/// What is stored laid over defaults, at every depth.
json::object over_defaults(json::object defaults, const json::object& stored);

}  // namespace gatehouse::model
