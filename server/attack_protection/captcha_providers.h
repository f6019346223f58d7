#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "http/client.h"

namespace gatehouse::attack_protection {

/// A service that tells people from programs: what a page loads from it, and how its verdict is asked for.
struct CaptchaProvider {
  std::string_view id;          ///< active_provider_id
  std::string_view script;      ///< URL of its script
  std::string_view css_class;   ///< of the element that it fills
  std::string_view field;       ///< form field that it adds
  std::string_view verify_url;  ///< unless the tenant's settings have a `verify_url`
  std::string_view secret;      ///< name of the secret in the settings
  // Content-Security-Policy sources that its script needs
  std::string_view scripts, frames, styles, connects, workers;
  http::OutboundRequest (*ask)(std::string_view url, const json::object& settings, std::string_view secret, std::string_view answer,
                               std::string_view ip);
  bool (*accepts)(const json::object& verdict);
};

std::span<const CaptchaProvider> captcha_providers();
const CaptchaProvider* find_captcha_provider(std::string_view id);

}  // namespace gatehouse::attack_protection
