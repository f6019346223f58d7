#include "model/description/formats.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/encoding.h"

namespace gatehouse::model {
namespace {

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// No control characters, blanks or characters that no URI has (RFC 3986 §2), so that nothing smuggles a header or a tag.
bool is_uri_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7f && c != '<' && c != '>' && c != '"' && c != '\\' && c != '^' && c != '`';
  });
}

/// Splits scheme from the rest; empty when there is none (RFC 3986 §3.1).
std::string_view scheme_of(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_alpha(text[0])) return {};
  const std::string_view scheme = text.substr(0, colon);
  const bool valid = std::all_of(scheme.begin(), scheme.end(), [](char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
  return valid ? scheme : std::string_view{};
}

bool is_absolute_uri(std::string_view text) {
  const std::string_view scheme = scheme_of(text);
  return !scheme.empty() && text.size() > scheme.size() + 1 && is_uri_text(text);
}

/// scheme://host with something in the host.
bool has_host(std::string_view text, std::string_view prefix) {
  if (to_lower_ascii(text.substr(0, prefix.size())) != prefix) return false;
  const std::string_view rest = text.substr(prefix.size());
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  return !host.empty() && host.front() != ':' && is_uri_text(text);
}

bool is_url(std::string_view text) { return has_host(text, "https://") || has_host(text, "http://"); }

bool is_callback_url(std::string_view text) {
  if (!is_absolute_uri(text) || text.find('#') != std::string_view::npos) return false;
  const std::string scheme = to_lower_ascii(scheme_of(text));
  for (const std::string_view forbidden : {"javascript", "data", "vbscript", "file", "blob", "about"})
    if (scheme == forbidden) return false;
  if (scheme == "http" || scheme == "https") return is_url(text);
  return true;
}

bool is_origin(std::string_view text) {
  const size_t separator = text.find("://");
  if (separator == std::string_view::npos || scheme_of(text).size() != separator || !is_uri_text(text)) return false;
  return !text.substr(separator + 3).empty();
}

bool is_email(std::string_view text) {
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254) return false;
  const std::string_view domain = text.substr(at + 1);
  if (domain.empty() || domain.front() == '.' || domain.back() == '.' || domain.find("..") != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; }) &&
         std::count(text.begin(), text.end(), '@') == 1;
}

bool digits_at(std::string_view text, size_t from, size_t count) {
  if (text.size() < from + count) return false;
  return std::all_of(text.begin() + from, text.begin() + from + count, is_digit);
}

/// RFC 3339 §5.6.
bool is_date_time(std::string_view text) {
  if (!digits_at(text, 0, 4) || text.size() < 20 || text[4] != '-' || !digits_at(text, 5, 2) || text[7] != '-' || !digits_at(text, 8, 2)) return false;
  if ((text[10] != 'T' && text[10] != 't') || !digits_at(text, 11, 2) || text[13] != ':' || !digits_at(text, 14, 2) || text[16] != ':' ||
      !digits_at(text, 17, 2))
    return false;
  size_t i = 19;
  if (text[i] == '.') {
    const size_t start = ++i;
    while (i < text.size() && is_digit(text[i])) ++i;
    if (i == start) return false;
  }
  if (i >= text.size()) return false;
  if (text[i] == 'Z' || text[i] == 'z') return i + 1 == text.size();
  if (text[i] != '+' && text[i] != '-') return false;
  return text.size() == i + 6 && digits_at(text, i + 1, 2) && text[i + 3] == ':' && digits_at(text, i + 4, 2);
}

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > 253 || text.front() == '.' || text.front() == '-') return false;
  return text.find("..") == std::string_view::npos && std::all_of(text.begin(), text.end(), [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_'; });
}

bool is_ip_or_cidr(std::string_view text) {
  if (text.empty() || text.size() > 49) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_hex(c) || c == '.' || c == ':' || c == '/'; }) &&
         text.find_first_of(".:") != std::string_view::npos;
}

bool is_hex_color(std::string_view text) {
  return (text.size() == 4 || text.size() == 7) && text.front() == '#' && std::all_of(text.begin() + 1, text.end(), is_hex);
}

/// Auth0 refuses anything else in a connection's name: it stands in URLs and realm parameters.
bool is_connection_name(std::string_view text) {
  if (text.empty() || !(is_alpha(text.front()) || is_digit(text.front())) || !(is_alpha(text.back()) || is_digit(text.back()))) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_alpha(c) || is_digit(c) || c == '-'; });
}

bool has_no_angle_brackets(std::string_view text) { return !text.empty() && text.find_first_of("<>") == std::string_view::npos; }

bool is_not_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") != std::string_view::npos; }

}  // namespace

namespace patterns {
const Pattern no_angle_brackets{"^[^<>]+$", has_no_angle_brackets};
const Pattern connection_name{"^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$", is_connection_name};
const Pattern hex_color{"^#(([0-9a-fA-F]{3}){1,2})$", is_hex_color};
const Pattern not_blank{"\\S", is_not_blank};
}  // namespace patterns

std::string_view to_string(Format format) {
  switch (format) {
    case Format::none: return "none";
    case Format::uri: return "uri";
    case Format::url: return "url";
    case Format::https_url: return "strict-https-uri";
    case Format::uri_or_empty: return "absolute-uri-or-empty";
    case Format::https_uri_or_empty: return "absolute-https-uri-or-empty";
    case Format::callback_url: return "callback-url";
    case Format::origin: return "origin";
    case Format::email: return "email";
    case Format::email_or_empty: return "email-or-empty";
    case Format::date_time: return "date-time";
    case Format::hostname: return "hostname";
    case Format::ip_or_cidr: return "ip-or-cidr";
  }
  return {};
}

bool matches(Format format, std::string_view text) {
  switch (format) {
    case Format::none: return true;
    case Format::uri: return is_absolute_uri(text);
    case Format::url: return is_url(text);
    case Format::https_url: return has_host(text, "https://");
    case Format::uri_or_empty: return text.empty() || is_absolute_uri(text);
    case Format::https_uri_or_empty: return text.empty() || has_host(text, "https://");
    case Format::callback_url: return is_callback_url(text);
    case Format::origin: return is_origin(text);
    case Format::email: return is_email(text);
    case Format::email_or_empty: return text.empty() || is_email(text);
    case Format::date_time: return is_date_time(text);
    case Format::hostname: return is_hostname(text);
    case Format::ip_or_cidr: return is_ip_or_cidr(text);
  }
  return false;
}

}  // namespace gatehouse::model
