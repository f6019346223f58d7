#pragma once
#include <string_view>

namespace gatehouse::model {

/// Shapes of text that Auth0's schemas name. `none` takes any text.
enum class Format {
  none,
  uri,                             ///< absolute: scheme and something after it
  url,                             ///< http or https with a host
  https_url,
  uri_or_empty,
  https_uri_or_empty,
  callback_url,                    ///< absolute, any scheme but javascript:, data:, vbscript:, file:; wildcards allowed; no fragment
  origin,                          ///< scheme://host[:port], wildcards allowed; also chrome-extension and the like
  email,
  email_or_empty,
  date_time,                       ///< RFC 3339
  hostname,
  ip_or_cidr,
};
/// The name in error texts: absolute-uri-or-empty, …
std::string_view to_string(Format format);
bool matches(Format format, std::string_view text);

/// A named check in the place of a regular expression, which error texts quote. No backtracking, no surprises.
struct Pattern {
  std::string_view text{};                   ///< as shown
  bool (*matches)(std::string_view) = nullptr;
};

namespace patterns {
extern const Pattern no_angle_brackets;      ///< ^[^<>]+$
extern const Pattern connection_name;        ///< letters, digits, inner hyphens
extern const Pattern hex_color;              ///< ^#(([0-9a-fA-F]{3}){1,2})$ … and no more
extern const Pattern not_blank;
}  // namespace patterns

}  // namespace gatehouse::model
