#include <charconv>

#include "oauth/authorize/checks.h"

namespace gatehouse::oauth {

/// OpenID Connect Core §3.1.2.1: seconds since the user was actively authenticated; 0 always asks.
Result<void> check_max_age(AuthorizeRequest& request, const CheckParts&) {
  const std::string_view text = request.get("max_age");
  if (text.empty()) return {};
  int64_t value = -1;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong != std::errc{} || end != text.data() + text.size() || value < 0)
    return OAuthError{OAuthErrc::invalid_request, "Parameter max_age must be a number of seconds."};
  request.max_age = seconds(std::min<int64_t>(value, 400LL * 86'400));
  return {};
}

}  // namespace gatehouse::oauth
