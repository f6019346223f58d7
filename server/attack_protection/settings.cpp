#include "attack_protection/settings.h"

#include "http/forwarded.h"

namespace gatehouse::attack_protection {
namespace {

/// `shields` says what is done about it; absent means everything, an empty list means only to watch.
bool has_shield(const json::object& document, std::string_view shield) {
  const json::array* shields = get_array(document, "shields");
  if (!shields) return true;
  return std::any_of(shields->begin(), shields->end(), [&](const json::value& v) { return v.is_string() && v.get_string() == shield; });
}

model::BucketSize bucket(const json::object& document, std::string_view stage, model::BucketSize fallback) {
  const json::object* stages = get_object(document, "stage");
  const json::object* settings = stages ? get_object(*stages, stage) : nullptr;
  if (!settings) return fallback;
  if (const auto attempts = get_int(*settings, "max_attempts"); attempts && *attempts > 0) fallback.size = *attempts;
  if (const auto rate = get_int(*settings, "rate"); rate && *rate > 0) fallback.refill = milliseconds(*rate);
  return fallback;
}

}  // namespace

BruteForceSettings BruteForceSettings::parse(const json::object& document) {
  BruteForceSettings s;
  s.enabled = get_bool(document, "enabled").value_or(s.enabled);
  s.block = has_shield(document, "block");
  s.notify_user = has_shield(document, "user_notification");
  s.per_ip = get_string(document, "mode").value_or("") != "count_per_identifier";
  s.max_attempts = std::clamp<int64_t>(get_int(document, "max_attempts").value_or(s.max_attempts), 1, 100);
  s.allowlist = get_strings(document, "allowlist");
  return s;
}

ThrottlingSettings ThrottlingSettings::parse(const json::object& document) {
  ThrottlingSettings s;
  s.enabled = get_bool(document, "enabled").value_or(s.enabled);
  s.block = has_shield(document, "block");
  s.login = bucket(document, "pre-login", s.login);
  s.sign_up = bucket(document, "pre-user-registration", s.sign_up);
  s.allowlist = get_strings(document, "allowlist");
  return s;
}

BreachedPasswordSettings BreachedPasswordSettings::parse(const json::object& document) {
  BreachedPasswordSettings s;
  s.enabled = get_bool(document, "enabled").value_or(s.enabled);
  const std::vector<std::string> shields = get_strings(document, "shields");
  const auto has = [&](std::string_view shield) { return std::find(shields.begin(), shields.end(), shield) != shields.end(); };
  s.block = has("block");
  s.notify_user = has("user_notification");
  return s;
}

BotDetectionSettings BotDetectionSettings::parse(const json::object& document) {
  BotDetectionSettings s;
  const auto policy = [&](std::string_view name) {
    const std::string_view value = get_string(document, name).value_or("never");
    return value == "always" ? Policy::always : value == "when_risky" ? Policy::when_risky : Policy::never;
  };
  s.password = policy("challenge_password_policy");
  s.passwordless = policy("challenge_passwordless_policy");
  s.password_reset = policy("challenge_password_reset_policy");
  const std::string_view level = get_string(document, "bot_detection_level").value_or("medium");
  s.risky_failures = level == "low" ? 20 : level == "high" ? 3 : 10;
  s.only_watch = get_bool(document, "monitoring_mode_enabled").value_or(false);
  s.allowlist = get_strings(document, "allowlist");
  return s;
}

bool lists_address(const std::vector<std::string>& allowlist, std::string_view ip) {
  if (allowlist.empty()) return false;
  const auto address = http::IpAddress::parse(ip);
  if (!address) return false;
  return std::any_of(allowlist.begin(), allowlist.end(), [&](const std::string& entry) {
    const auto network = http::Cidr::parse(entry);
    return network && network->contains(*address);
  });
}

}  // namespace gatehouse::attack_protection
