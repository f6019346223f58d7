#include "model/clients/url_rules.h"

#include <algorithm>

#include "base/encoding.h"

namespace gatehouse::model {
namespace {

bool is_label_character(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

/// Blanks, control characters, backslashes and bytes above ASCII never belong into a URL as it is sent (RFC 3986 §2).
bool has_forbidden_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c <= 0x20 || c >= 0x7f || c == '\\'; });
}

/// A URL cut where RFC 3986 §3 cuts it, nothing decoded or normalised.
struct Pieces {
  std::string_view scheme, authority, path, rest;  ///< rest: query and fragment with their marks
};
std::optional<Pieces> cut(std::string_view url) {
  const size_t colon = url.find("://");
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  Pieces pieces;
  pieces.scheme = url.substr(0, colon);
  for (const char c : pieces.scheme)
    if (!is_label_character(c) && c != '+' && c != '.') return std::nullopt;
  std::string_view after = url.substr(colon + 3);
  const size_t authority_end = after.find_first_of("/?#");
  pieces.authority = after.substr(0, authority_end);
  after = authority_end == std::string_view::npos ? std::string_view{} : after.substr(authority_end);
  const size_t path_end = after.find_first_of("?#");
  pieces.path = after.substr(0, path_end);
  if (path_end != std::string_view::npos) pieces.rest = after.substr(path_end);
  return pieces;
}

bool is_http(std::string_view scheme) {
  const std::string lower = to_lower_ascii(scheme);
  return lower == "http" || lower == "https";
}

struct HostPort {
  std::string_view host;
  std::string_view port;  ///< without the colon; empty: none
};
/// nullopt when there is userinfo or the port is not digits.
std::optional<HostPort> split_authority(std::string_view authority) {
  if (authority.empty() || authority.find('@') != std::string_view::npos) return std::nullopt;
  HostPort result{authority, {}};
  const size_t host_end = authority.front() == '[' ? authority.find(']') : std::string_view::npos;
  const size_t colon = authority.find(':', host_end == std::string_view::npos ? 0 : host_end);
  if (colon == std::string_view::npos) return result;
  result = {authority.substr(0, colon), authority.substr(colon + 1)};
  if (result.host.empty() || result.port.empty() || result.port.size() > 5) return std::nullopt;
  for (const char c : result.port)
    if (c < '0' || c > '9') return std::nullopt;
  return result;
}

/// An entry with a wildcard, if it is a valid one: http or https, exactly one `*`, in the leftmost of at least three host labels.
struct Wildcard {
  std::string_view before, after;
};
std::optional<Wildcard> wildcard(std::string_view entry) {
  const size_t star = entry.find('*');
  if (star == std::string_view::npos || entry.find('*', star + 1) != std::string_view::npos) return std::nullopt;
  const std::optional<Pieces> pieces = cut(entry);
  if (!pieces || !is_http(pieces->scheme)) return std::nullopt;
  const size_t in_authority = pieces->authority.find('*');
  if (in_authority == std::string_view::npos || pieces->authority.find('@') != std::string_view::npos) return std::nullopt;
  const size_t first_dot = pieces->authority.find('.');
  if (first_dot == std::string_view::npos || first_dot < in_authority) return std::nullopt;
  if (pieces->authority.find('.', first_dot + 1) == std::string_view::npos) return std::nullopt;  // https://*.com
  return Wildcard{entry.substr(0, star), entry.substr(star + 1)};
}

bool matches(const Wildcard& pattern, std::string_view asked) {
  if (asked.size() <= pattern.before.size() + pattern.after.size()) return false;
  if (!asked.starts_with(pattern.before) || !asked.ends_with(pattern.after)) return false;
  const std::string_view middle = asked.substr(pattern.before.size(), asked.size() - pattern.before.size() - pattern.after.size());
  return std::all_of(middle.begin(), middle.end(), is_label_character);
}

bool is_loopback_host(std::string_view host) {
  const std::string lower = to_lower_ascii(host);
  if (lower == "localhost" || lower.ends_with(".localhost") || lower == "[::1]") return true;
  if (!lower.starts_with("127.")) return false;
  return std::all_of(lower.begin(), lower.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

/// RFC 8252 §7.3: a native application learns its port when it starts, so only the port may differ.
bool same_but_for_loopback_port(std::string_view entry, std::string_view asked) {
  const std::optional<Pieces> a = cut(entry), b = cut(asked);
  if (!a || !b || a->scheme != "http" || b->scheme != "http" || a->path != b->path || a->rest != b->rest) return false;
  const std::optional<HostPort> left = split_authority(a->authority), right = split_authority(b->authority);
  return left && right && left->host == right->host && is_loopback_host(left->host);
}

/// Scheme and authority in lower case, the rest as it is.
std::optional<std::string> fold(std::string_view url, bool ignore_query) {
  const std::optional<Pieces> pieces = cut(url);
  if (!pieces) return std::nullopt;
  if (is_http(pieces->scheme) && !split_authority(pieces->authority)) return std::nullopt;
  std::string folded = to_lower_ascii(pieces->scheme) + "://" + to_lower_ascii(pieces->authority) + std::string(pieces->path);
  if (!ignore_query) folded += pieces->rest;
  return folded;
}

/// Texts that are long or of very different lengths are not compared: this runs for every wrong URL a stranger sends.
constexpr size_t kFar = 3;
constexpr size_t kLongestCompared = 300;

size_t edit_distance(std::string_view a, std::string_view b) {
  const size_t longer = std::max(a.size(), b.size()), shorter = std::min(a.size(), b.size());
  if (longer > kLongestCompared || longer - shorter >= kFar) return kFar;
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

/// What remains of a URL when everything that people get wrong is taken away.
std::string bare(std::string_view url) {
  std::string text = to_lower_ascii(url);
  if (const size_t colon = text.find("://"); colon != std::string::npos) text.erase(0, colon + 3);
  if (const size_t end = text.find_first_of("?#"); end != std::string::npos) text.erase(end);
  if (text.starts_with("www.")) text.erase(0, 4);
  if (text.starts_with("127.0.0.1")) text.replace(0, 9, "localhost");
  if (text.starts_with("[::1]")) text.replace(0, 5, "localhost");
  const size_t path = text.find('/');
  if (const size_t port = text.find(':'); port != std::string::npos && (path == std::string::npos || port < path))
    text.erase(port, (path == std::string::npos ? text.size() : path) - port);
  while (text.ends_with('/')) text.pop_back();
  return text;
}

}  // namespace

bool callback_allowed(const std::vector<std::string>& registered, std::string_view asked, const UrlRules& rules) {
  if (!is_safe_redirect(asked)) return false;
  for (const std::string& entry : registered) {
    if (entry.find('*') == std::string::npos && entry == asked) return true;
    if (rules.wildcards)
      if (const std::optional<Wildcard> pattern = wildcard(entry); pattern && matches(*pattern, asked)) return true;
    if (rules.any_loopback_port && same_but_for_loopback_port(entry, asked)) return true;
  }
  return false;
}

bool logout_url_allowed(const std::vector<std::string>& registered, std::string_view asked, const UrlRules& rules, bool ignore_query) {
  if (!is_safe_redirect(asked)) return false;
  const std::optional<std::string> folded = fold(asked, ignore_query);
  for (const std::string& entry : registered) {
    if (entry.find('*') == std::string::npos && entry == asked) return true;
    if (!folded) continue;
    const std::optional<std::string> folded_entry = fold(entry, ignore_query);
    if (!folded_entry) continue;
    if (folded_entry->find('*') == std::string::npos && *folded_entry == *folded) return true;
    if (rules.wildcards)
      if (const std::optional<Wildcard> pattern = wildcard(*folded_entry); pattern && matches(*pattern, *folded)) return true;
  }
  return false;
}

bool origin_allowed(const std::vector<std::string>& registered, std::string_view origin, const UrlRules& rules) {
  const std::optional<std::string> asked = origin_of(origin);
  if (!asked) return false;
  for (const std::string& entry : registered) {
    if (entry.find('*') == std::string::npos) {
      if (origin_of(entry) == asked) return true;
      continue;
    }
    if (!rules.wildcards) continue;
    const std::optional<Pieces> pieces = cut(entry);
    if (!pieces) continue;
    const std::string pattern_text = to_lower_ascii(pieces->scheme) + "://" + to_lower_ascii(pieces->authority);
    if (const std::optional<Wildcard> pattern = wildcard(pattern_text); pattern && matches(*pattern, *asked)) return true;
  }
  return false;
}

std::optional<std::string> origin_of(std::string_view url) {
  if (has_forbidden_character(url)) return std::nullopt;
  const std::optional<Pieces> pieces = cut(url);
  if (!pieces || !is_http(pieces->scheme)) return std::nullopt;
  const std::optional<HostPort> parts = split_authority(pieces->authority);
  if (!parts) return std::nullopt;
  std::string origin = to_lower_ascii(pieces->scheme) + "://" + to_lower_ascii(parts->host);
  const bool is_default = parts->port.empty() || (origin.starts_with("https:") ? parts->port == "443" : parts->port == "80");
  if (!is_default) origin += ":" + std::string(parts->port);
  return origin;
}

bool is_loopback_url(std::string_view url) {
  const std::optional<Pieces> pieces = cut(url);
  if (!pieces || !is_http(pieces->scheme)) return false;
  const std::optional<HostPort> parts = split_authority(pieces->authority);
  return parts && is_loopback_host(parts->host);
}

bool is_verifiable_callback(std::string_view url) { return to_lower_ascii(url.substr(0, 8)) == "https://" && !is_loopback_url(url); }

bool is_safe_redirect(std::string_view url) {
  if (url.empty() || has_forbidden_character(url)) return false;
  const size_t colon = url.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string scheme = to_lower_ascii(url.substr(0, colon));
  for (const char c : scheme)
    if (!is_label_character(c) && c != '+' && c != '.') return false;
  if (scheme == "javascript" || scheme == "data" || scheme == "vbscript") return false;
  if (scheme != "http" && scheme != "https") return true;
  const std::optional<Pieces> pieces = cut(url);
  return pieces && split_authority(pieces->authority);
}

std::optional<std::string> nearest_url(const std::vector<std::string>& registered, std::string_view asked) {
  const std::string asked_bare = bare(asked);
  const std::string* best = nullptr;
  size_t best_distance = kFar;
  for (const std::string& entry : registered) {
    const std::string entry_bare = bare(entry);
    const size_t distance = entry_bare == asked_bare ? 0 : edit_distance(entry_bare, asked_bare);
    // One entry with another path on the same host is a near miss too: people register the wrong route.
    const bool same_origin = origin_of(entry) && origin_of(entry) == origin_of(asked);
    const size_t rank = std::min(distance, same_origin ? size_t{2} : distance);
    if (rank < best_distance) {
      best = &entry;
      best_distance = rank;
    }
  }
  return best ? std::optional<std::string>(*best) : std::nullopt;
}

}  // namespace gatehouse::model
