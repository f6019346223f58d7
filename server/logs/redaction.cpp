#include "logs/redaction.h"

#include "base/encoding.h"

namespace gatehouse::logs {
namespace {

constexpr size_t kMaxText = 2'000;
constexpr int kMaxDepth = 10;

constexpr std::string_view kSecretNames[] = {
    "accesskeyid",  "api_key",           "apikey",        "assertion",     "authorization",     "binding_code",
    "cert",         "client_assertion",  "code_verifier", "configuration", "connectionstring",  "cookie",
    "credentials",  "httpauthorization", "key",           "mfa_code",      "oob_code",          "otp",
    "passcode",     "passphrase",        "pkcs7",         "pkcs8",         "private_key",       "recovery_code",
    "samlresponse", "set-cookie",        "signing_key",   "ticket",        "verification_code", "ticket_id",
    "ticket_url",   "skey",              "p12",           "server_key",    "server_credentials",
};

/// `token_endpoint_auth_method` and the like are settings: only names that end in "token" count, and only texts under them.
bool is_secret_name(std::string_view name) {
  const std::string lower = to_lower_ascii(name);
  if (lower.find("password") != std::string::npos || lower.find("secret") != std::string::npos) return true;
  if (lower.ends_with("token") || lower.ends_with("_pass")) return true;
  return std::find(std::begin(kSecretNames), std::end(kSecretNames), lower) != std::end(kSecretNames);
}

json::value copy(const json::value& value, int depth) {
  if (const auto* text = value.if_string()) return json::string(clean_text(std::string_view(*text), kMaxText));
  if (const auto* items = value.if_array()) {
    json::array out;
    if (depth < kMaxDepth)
      for (const json::value& item : *items) out.push_back(copy(item, depth + 1));
    return out;
  }
  if (const auto* object = value.if_object()) {
    json::object out;
    if (depth < kMaxDepth)
      for (const auto& [name, member] : *object) {
        const bool masked = (member.is_string() || member.is_array() || member.is_number()) && is_secret_name(name);
        out[clean_text(name, 200)] = masked ? json::value("*****") : copy(member, depth + 1);
      }
    return out;
  }
  return value;
}

}  // namespace

bool is_clean_text(std::string_view text, size_t max_bytes) {
  return text.size() <= max_bytes && is_valid_utf8(text) && text.find('\0') == std::string_view::npos;
}

std::string clean_text(std::string_view text, size_t max_bytes) {
  if (is_clean_text(text, max_bytes)) return std::string(text);
  std::string out;
  out.reserve(std::min(text.size(), max_bytes));
  for (size_t i = 0; i < text.size();) {
    size_t length = 0;
    for (size_t n = 1; n <= 4 && i + n <= text.size() && length == 0; ++n)
      if (is_valid_utf8(text.substr(i, n))) length = n;
    const std::string_view piece = length == 0 || text[i] == '\0' ? std::string_view("\xef\xbf\xbd") : text.substr(i, length);
    if (out.size() + piece.size() > max_bytes) break;
    out += piece;
    i += std::max<size_t>(length, 1);
  }
  return out;
}

json::value redacted(const json::value& value) { return copy(value, 0); }

}  // namespace gatehouse::logs
