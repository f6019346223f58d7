#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/attack_protection/attack_protection_description.h"
#include "model/rate_buckets/rate_bucket_store.h"

namespace gatehouse::attack_protection {

/// Document `attack_protection/brute_force_protection`, with Auth0's defaults.
struct BruteForceSettings {
  bool enabled = true;
  bool block = true;                     ///< shields: block
  bool notify_user = true;               ///< shields: user_notification
  bool per_ip = true;                    ///< mode count_per_identifier_and_ip; false: account lockout
  int64_t max_attempts = 10;             ///< 1 to 100
  std::vector<std::string> allowlist{};  ///< addresses and CIDR networks

  static BruteForceSettings parse(const json::object& document);
};

/// Document `attack_protection/suspicious_ip_throttling`, with Auth0's defaults.
struct ThrottlingSettings {
  bool enabled = true;
  bool block = true;
  model::BucketSize login{100, milliseconds(864'000)};  ///< failed logins a day and address
  model::BucketSize sign_up{50, milliseconds(1'200)};   ///< sign-ups a minute and address
  std::vector<std::string> allowlist{};

  static ThrottlingSettings parse(const json::object& document);
};


/// Document `attack_protection/breached_password_detection`, the part about logins.
struct BreachedPasswordSettings {
  bool enabled = false;
  bool block = false;
  bool notify_user = false;

  static BreachedPasswordSettings parse(const json::object& document);
};

/// Document `attack_protection/bot_detection`.
struct BotDetectionSettings {
  enum class Policy { never, when_risky, always };
  Policy password = Policy::never;        ///< logins and sign-ups
  Policy passwordless = Policy::never;
  Policy password_reset = Policy::never;
  int64_t risky_failures = 10;            ///< failed logins of an address that make it suspicious: by bot_detection_level
  bool only_watch = false;                ///< monitoring mode: nobody is asked
  std::vector<std::string> allowlist{};

  static BotDetectionSettings parse(const json::object& document);
};

using model::kBruteForceDocument;
using model::kThrottlingDocument;

/// Whether the list names this address or a network that contains it; entries that do not parse name nothing.
bool lists_address(const std::vector<std::string>& allowlist, std::string_view ip);

}  // namespace gatehouse::attack_protection
