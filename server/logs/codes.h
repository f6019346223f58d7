#pragma once
#include <span>
#include <string_view>

namespace gatehouse::logs {

/// One of Auth0's tenant log event types.
struct EventCode {
  std::string_view code;
  std::string_view name;      ///< stands in for the description of an event that has none
  std::string_view category;  ///< what log streams filter by: auth.login.fail, management.success, …
};

/// All of them, sorted by code.
std::span<const EventCode> event_codes();
/// Null when there is no such code.
const EventCode* find_event_code(std::string_view code);

}  // namespace gatehouse::logs
