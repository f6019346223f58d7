#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace gatehouse::login {

/// An sRGB colour.
struct Colour {
  uint8_t red = 0, green = 0, blue = 0;
  /// #rgb or #rrggbb; nothing else is a colour here, so that no setting can end a style sheet.
  static std::optional<Colour> parse(std::string_view text);
  [[nodiscard]] std::string css() const;   ///< #rrggbb
  [[nodiscard]] double luminance() const;  ///< WCAG 2.2 relative luminance, 0 to 1
  [[nodiscard]] Colour mixed(const Colour& other, double share) const;
  bool operator==(const Colour&) const = default;
};
/// WCAG 2.2 contrast ratio, 1 to 21.
double contrast(const Colour& a, const Colour& b);

/// A style sheet of custom properties for the tenant's branding (`colors.primary`, `colors.page_background`), for light and dark.
/// Whatever colour a tenant picks, text on it and in it stays readable: 4.5 to 1.
/// `theme`: the tenant's theme (/branding/themes), which is taken as it is, in both schemes; empty: none.
std::string theme_css(const json::object& branding, const json::object& theme = {});

/// An image address that may stand in a page: http or https (data: URLs and scripts are dropped), without blanks or quotes.
std::optional<std::string> safe_image_url(std::string_view url);
/// Scheme, host and port of an http(s) URL, for a Content-Security-Policy; nothing when it is no such URL.
std::optional<std::string> origin_of(std::string_view url);

}  // namespace gatehouse::login
