#include "model/users/user.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include "base/encoding.h"
#include "crypto/crypto.h"
#include "http/request.h"

namespace gatehouse::model {
namespace {

/// NFC and case folding (Unicode 3.13), so that one address cannot be registered twice in two spellings.
std::optional<std::string> fold(std::string_view text) {
  if (!is_valid_utf8(text)) return std::nullopt;
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status)) return std::nullopt;
  icu::UnicodeString folded = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), int32_t(text.size()))).foldCase();
  folded = normalizer->normalize(folded, status);
  if (U_FAILURE(status)) return std::nullopt;
  std::string out;
  folded.toUTF8String(out);
  return out;
}

bool has_blank_or_control(std::string_view text) {
  for (const char c : text)
    if (uint8_t(c) <= 0x20 || c == 0x7f) return true;
  // U+0080..U+00A0, the soft hyphen U+00AD and the separators U+2000..U+200F, U+2028..U+202F, U+3000, U+FEFF would be invisible in an address
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    const uint8_t a = uint8_t(text[i]), b = uint8_t(text[i + 1]), c = i + 2 < text.size() ? uint8_t(text[i + 2]) : 0;
    if (a == 0xC2 && (b <= 0xA0 || b == 0xAD)) return true;
    if (a == 0xE2 && b == 0x80 && (c <= 0x8F || (c >= 0xA8 && c <= 0xAF))) return true;
    if ((a == 0xE3 && b == 0x80 && c == 0x80) || (a == 0xEF && b == 0xBB && c == 0xBF)) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> normalize_email(std::string_view email) {
  if (email.empty() || email.size() > 254 || has_blank_or_control(email)) return std::nullopt;
  if (email.find_first_of("<>()[]\\,;:\"") != std::string_view::npos) return std::nullopt;
  const size_t at = email.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || at + 1 == email.size() || email.find('@') != at) return std::nullopt;
  const std::string_view domain = email.substr(at + 1);
  if (domain.front() == '.' || domain.back() == '.' || domain.find("..") != std::string_view::npos) return std::nullopt;
  return fold(email);
}

std::optional<std::string> normalize_username(std::string_view username) {
  if (username.empty() || username.size() > 128 || has_blank_or_control(username)) return std::nullopt;
  return fold(username);
}

std::optional<std::string> normalize_phone(std::string_view phone) {
  if (phone.size() < 3 || phone.size() > 16 || phone[0] != '+' || phone[1] == '0') return std::nullopt;
  for (const char c : phone.substr(1))
    if (c < '0' || c > '9') return std::nullopt;
  return std::string(phone);
}

void User::fill_defaults() {
  const auto set = [&](std::string_view key, const std::string& value) {
    if (!value.empty() && !attributes.contains(key)) attributes[key] = value;
  };
  const std::string identifier = email.value_or(username.value_or(phone_number.value_or("")));
  set("name", identifier);
  set("nickname", email ? email->substr(0, email->find('@')) : identifier);
  if (email) {
    std::string initials = email->substr(0, std::min<size_t>(2, email->find('@')));
    for (char& c : initials)
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) c = 'x';
    const std::string fallback = "https://cdn.auth0.com/avatars/" + initials + ".png";
    set("picture", "https://s.gravatar.com/avatar/" + hex_encode(crypto::md5(*email)) + "?s=480&r=pg&d=" + http::percent_encode(fallback));
  }
}

std::string User::display_name() const {
  for (const std::string_view key : {"name", "nickname"})
    if (const auto value = get_string(attributes, key); value && !value->empty()) return std::string(*value);
  return email.value_or(username.value_or(phone_number.value_or(id.str())));
}

const Identity* User::identity_by(std::string_view connection, std::string_view identifier) const {
  for (const Identity& identity : identities) {
    if (identity.connection != connection) continue;
    for (const auto& [kind, value] : identifiers_of(*this, identity))
      if (value == identifier) return &identity;
  }
  return nullptr;
}

const Identity* User::identity_at(std::string_view provider, std::string_view own_id) const {
  for (const Identity& identity : identities)
    if (identity.provider == provider && identity.user_id == own_id) return &identity;
  return nullptr;
}

const Identity* User::identity_in(std::string_view connection) const {
  for (const Identity& identity : identities)
    if (identity.connection == connection) return &identity;
  return nullptr;
}

std::optional<std::string> User::email_of(const Identity& account) const {
  if (&account == &identities.front()) return email;
  const auto address = get_string(account.profile_data, "email");
  return address ? normalize_email(*address) : std::nullopt;
}

std::vector<std::pair<std::string_view, std::string>> identifiers_of(const User& user, const Identity& identity) {
  std::vector<std::pair<std::string_view, std::string>> out;
  // Elsewhere the provider tells people apart by an id of its own; two of its accounts may well have one address.
  if (identity.provider != "auth0" && identity.provider != "email" && identity.provider != "sms") return out;
  const auto add = [&](std::string_view kind, std::optional<std::string> value) {
    if (value) out.emplace_back(kind, std::move(*value));
  };
  if (&identity == &user.identities.front()) {
    add("email", user.email);
    if (user.username) add("username", normalize_username(*user.username));
    add("phone_number", user.phone_number);
    return out;
  }
  const auto text = [&](std::string_view key, std::optional<std::string> (*normalize)(std::string_view)) {
    if (const auto value = get_string(identity.profile_data, key)) add(key, normalize(*value));
  };
  text("email", normalize_email);
  text("username", normalize_username);
  text("phone_number", normalize_phone);
  return out;
}

json::array User::identities_to_json() const {
  json::array list;
  for (const Identity& identity : identities) {
    json::object one{{"connection", identity.connection},
                     {"user_id", identity.user_id},
                     {"provider", identity.provider},
                     {"isSocial", identity.is_social}};
    if (!identity.profile_data.empty()) one["profileData"] = identity.profile_data;
    list.push_back(std::move(one));
  }
  return list;
}

json::object User::to_json() const {
  json::object out;
  out["created_at"] = to_iso8601(created_at);
  if (email) out["email"] = *email;
  if (email || email_verified) out["email_verified"] = email_verified;
  out["identities"] = identities_to_json();
  for (const auto& [key, value] : attributes) out[key] = value;
  if (username) out["username"] = *username;
  if (phone_number) {
    out["phone_number"] = *phone_number;
    out["phone_verified"] = phone_verified;
  }
  out["updated_at"] = to_iso8601(updated_at);
  out["user_id"] = id.str();
  if (!user_metadata.empty()) out["user_metadata"] = user_metadata;
  if (!app_metadata.empty()) out["app_metadata"] = app_metadata;
  if (blocked) out["blocked"] = true;
  if (last_password_reset) out["last_password_reset"] = to_iso8601(*last_password_reset);
  if (last_login) {
    out["last_login"] = to_iso8601(*last_login);
    out["last_ip"] = last_ip;
    out["logins_count"] = logins_count;
  }
  return out;
}

}  // namespace gatehouse::model
