#pragma once
#include <string>
#include <vector>

#include "base/json.h"

namespace gatehouse::mfa {

/// A tenant's second factors: its documents guardian/factors, guardian/policies, guardian/phone_message_types.
struct Settings {
  enum class Policy {
    never,     ///< []
    adaptive,  ///< ["confidence-score"]: at a new device or address
    always,    ///< ["all-applications"]
  };
  Policy policy = Policy::never;
  std::vector<std::string> factors{};        ///< names of those that are on
  bool text_messages = true, calls = false;  ///< what the factor sms does

  static Settings parse(const json::object& factors, const json::object& policies, const json::object& phone_message_types);
  [[nodiscard]] bool is_on(std::string_view factor) const;
};

}  // namespace gatehouse::mfa
