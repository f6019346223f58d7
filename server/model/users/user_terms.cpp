#include "model/users/user_terms.h"

#include "base/encoding.h"
#include "base/text.h"

namespace gatehouse::model {
namespace {

void collect(std::vector<Term>& out, const std::string& path, const json::value& value, int depth) {
  if (depth > 16 || out.size() >= kMaxTerms || path.size() > 256) return;
  switch (value.kind()) {
    case json::kind::null:
      return;
    case json::kind::object:
      for (const auto& [key, member] : value.get_object()) collect(out, path + "." + std::string(key), member, depth + 1);
      return;
    case json::kind::array:
      for (const json::value& item : value.get_array()) collect(out, path, item, depth + 1);
      return;
    case json::kind::string: {
      const std::string_view text(value.get_string());
      if (text.find('\0') == std::string_view::npos) out.emplace_back(path, term_value(path, text));
      return;
    }
    case json::kind::bool_:
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      out.emplace_back(path, json::serialize(value));
      return;
  }
}

}  // namespace

bool is_case_insensitive_path(std::string_view path) {
  return path == "email" || path == "name" || path == "given_name" || path == "family_name" || path == "nickname" ||
         path == "email.domain" || path == "username";
}

std::string term_value(std::string_view path, std::string_view value) {
  value = cut(value, kMaxTermValue);
  return is_case_insensitive_path(path) ? to_lower_ascii(value) : std::string(value);
}

std::vector<Term> terms_of(const User& user) {
  std::vector<Term> out;
  const auto add = [&](const std::string& path, std::string_view value) { out.emplace_back(path, term_value(path, value)); };
  add("user_id", user.id.str());
  if (user.email) {
    add("email", *user.email);
    add("email.domain", std::string_view(*user.email).substr(user.email->find('@') + 1));
    add("email_verified", user.email_verified ? "true" : "false");
  }
  if (user.username) add("username", *user.username);
  if (user.phone_number) {
    add("phone_number", *user.phone_number);
    add("phone_verified", user.phone_verified ? "true" : "false");
  }
  add("blocked", user.blocked ? "true" : "false");
  for (const Identity& identity : user.identities) {
    add("identities.connection", identity.connection);
    add("identities.provider", identity.provider);
    add("identities.user_id", identity.user_id);
    add("identities.isSocial", identity.is_social ? "true" : "false");
    for (const auto& [key, member] : identity.profile_data) collect(out, "identities.profileData." + std::string(key), member, 1);
  }
  for (const auto& [key, member] : user.attributes)
    if (key != "picture") collect(out, std::string(key), member, 1);  // nobody searches by it, as on Auth0, and it is long
  for (const auto& [key, member] : user.user_metadata) collect(out, "user_metadata." + std::string(key), member, 1);
  for (const auto& [key, member] : user.app_metadata) collect(out, "app_metadata." + std::string(key), member, 1);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace gatehouse::model
