#include "mfa/settings.h"

#include <algorithm>

namespace gatehouse::mfa {

Settings Settings::parse(const json::object& factors, const json::object& policies, const json::object& phone_message_types) {
  Settings settings;
  for (const json::key_value_pair& factor : factors)
    if (factor.value().is_bool() && factor.value().get_bool()) settings.factors.emplace_back(factor.key());
  for (const std::string& policy : get_strings(policies, "policies")) {
    if (policy == "all-applications") settings.policy = Policy::always;
    if (policy == "confidence-score" && settings.policy == Policy::never) settings.policy = Policy::adaptive;
  }
  if (get_array(phone_message_types, "message_types")) {
    const std::vector<std::string> types = get_strings(phone_message_types, "message_types");
    settings.text_messages = std::ranges::find(types, "sms") != types.end();
    settings.calls = std::ranges::find(types, "voice") != types.end();
  }
  return settings;
}

bool Settings::is_on(std::string_view factor) const { return std::ranges::find(factors, factor) != factors.end(); }

}  // namespace gatehouse::mfa
