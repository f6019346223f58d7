#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Auth0's rules for the URL lists of an application: which asked URL an entry allows. Nothing here parses what it is going to
/// allow into something looser than the bytes that were sent; every rule is an equality of bytes with one narrow exception.
namespace gatehouse::model {

/// Who asks decides which exceptions hold.
struct UrlRules {
  bool wildcards = true;           ///< third-party applications: exact only
  bool any_loopback_port = false;  ///< native applications (RFC 8252 §7.3)
};

/// Whether `asked` is a registered callback: the same bytes; or an entry with one `*` in its leftmost host label, standing for
/// [A-Za-z0-9-]+; or a native application's loopback entry with another port.
bool callback_allowed(const std::vector<std::string>& registered, std::string_view asked, const UrlRules& rules);

/// Whether a logout may end at `asked`: scheme and host without case, path with case, `*` as in callbacks. `ignore_query`: query and
/// fragment of both are left out of the comparison (returnTo).
bool logout_url_allowed(const std::vector<std::string>& registered, std::string_view asked, const UrlRules& rules, bool ignore_query);

/// Whether scripts of `origin` (an Origin header, or the origin of a URL) may read answers. Entries may be whole URLs; their
/// origin counts. `null` never is.
bool origin_allowed(const std::vector<std::string>& registered, std::string_view origin, const UrlRules& rules);

/// scheme://host[:port] in lower case without a default port; nullopt when the text is no absolute http(s) URL that is free of
/// userinfo, backslashes, blanks and control characters.
std::optional<std::string> origin_of(std::string_view url);

/// http(s)://localhost, *.localhost, 127.0.0.0/8 or [::1].
bool is_loopback_url(std::string_view url);
/// Whether the operating system warrants who receives this callback: https to anything but a loopback host.
bool is_verifiable_callback(std::string_view url);
/// Whether the text may stand in a Location header at all: absolute, no script scheme, no blanks, backslashes or control characters.
bool is_safe_redirect(std::string_view url);

/// The registered entry that differs from `asked` only by what people get wrong (trailing slash, scheme, port, host's case, `www.`,
/// localhost for 127.0.0.1), or by one or two characters; nullopt when nothing is close.
std::optional<std::string> nearest_url(const std::vector<std::string>& registered, std::string_view asked);

}  // namespace gatehouse::model
