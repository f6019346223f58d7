#include "connections/upstream/provider.h"
#include "model/users/user.h"

namespace gatehouse::connections {
namespace {

constexpr ScopeSwitch kScopes[] = {
    {"email", "user:email"},
    {"follow", "user:follow"},
    {"read_user", "read:user"},
    {"public_repo", "public_repo"},
    {"repo", "repo"},
    {"repo_deployment", "repo_deployment"},
    {"repo_status", "repo:status"},
    {"delete_repo", "delete_repo"},
    {"notifications", "notifications"},
    {"gist", "gist"},
    {"read_repo_hook", "read:repo_hook"},
    {"write_repo_hook", "write:repo_hook"},
    {"admin_repo_hook", "admin:repo_hook"},
    {"read_org", "read:org"},
    {"write_org", "write:org"},
    {"admin_org", "admin:org"},
    {"read_public_key", "read:public_key"},
    {"write_public_key", "write:public_key"},
    {"admin_public_key", "admin:public_key"},
};

constexpr Mapped kProfile[] = {{"user_id", "id"}, {"name", "name"}, {"nickname", "login"}, {"picture", "avatar_url"}};

/// The address on a GitHub profile is whatever its owner typed there. Which ones are theirs, and verified, is told elsewhere.
Result<void> complete(Profile& profile, const Answer& answer, const Upstream& upstream, Calls& calls) {
  profile.email.reset();
  profile.email_verified = false;
  if (upstream.endpoints.user_emails.empty()) return {};
  TRY(const json::value listed, calls.get(upstream.endpoints.user_emails, answer.access_token.reveal()));
  if (!listed.is_array()) return {};
  json::array kept;
  const json::object* best = nullptr;
  const auto rank = [](const json::object& entry) {
    return (get_bool(entry, "primary").value_or(false) ? 2 : 0) + (get_bool(entry, "verified").value_or(false) ? 1 : 0);
  };
  for (const json::value& value : listed.get_array()) {
    const json::object* entry = value.if_object();
    if (!entry || !model::normalize_email(get_string(*entry, "email").value_or(""))) continue;
    if (!best || rank(*entry) > rank(*best)) best = entry;
    if (kept.size() < 20) kept.push_back(*entry);
  }
  if (!best) return {};
  profile.email = model::normalize_email(*get_string(*best, "email"));
  profile.email_verified = get_bool(*best, "verified").value_or(false);
  profile.attributes["emails"] = std::move(kept);
  return {};
}

/// GitHub Enterprise: the list of addresses stands below the user.
void locate(Endpoints& endpoints, const model::Connection& connection) {
  const std::string_view own = get_string(connection.options, "userInfoURL").value_or("");
  if (!own.empty()) endpoints.user_emails = std::string(own.substr(0, own.find('?'))) + "/emails";
}

}  // namespace

/// GitHub, and GitHub Enterprise by overridden endpoints (OAuth 2; no ID tokens).
const Provider& github() {
  static const Provider provider{
      .strategy = "github",
      .endpoints = {.authorization = "https://github.com/login/oauth/authorize",
                    .token = "https://github.com/login/oauth/access_token",
                    .userinfo = "https://api.github.com/user",
                    .user_emails = "https://api.github.com/user/emails"},
      .scope = "user:email",
      .scopes = kScopes,
      .open_id = false,
      .needs_id_token = false,
      .login_hint = false,
      .source = Provider::Source::userinfo,
      .profile = kProfile,
      .locate = locate,
      .complete = complete,
  };
  return provider;
}

}  // namespace gatehouse::connections
