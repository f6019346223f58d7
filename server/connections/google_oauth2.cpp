#include "connections/upstream/provider.h"

namespace gatehouse::connections {
namespace {

constexpr ScopeSwitch kScopes[] = {
    {"email", "email"},
    {"profile", "profile"},
    {"calendar", "https://www.googleapis.com/auth/calendar"},
    {"calendar_events", "https://www.googleapis.com/auth/calendar.events"},
    {"calendar_events_readonly", "https://www.googleapis.com/auth/calendar.events.readonly"},
    {"calendar_settings_readonly", "https://www.googleapis.com/auth/calendar.settings.readonly"},
    {"contacts", "https://www.googleapis.com/auth/contacts"},
    {"drive", "https://www.googleapis.com/auth/drive"},
    {"drive_file", "https://www.googleapis.com/auth/drive.file"},
    {"gmail", "https://mail.google.com/"},
    {"gmail_readonly", "https://www.googleapis.com/auth/gmail.readonly"},
    {"tasks", "https://www.googleapis.com/auth/tasks"},
    {"tasks_readonly", "https://www.googleapis.com/auth/tasks.readonly"},
    {"youtube", "https://www.googleapis.com/auth/youtube"},
    {"youtube_readonly", "https://www.googleapis.com/auth/youtube.readonly"},
};

constexpr Mapped kProfile[] = {
    {"user_id", "sub"},     {"email", "email"},           {"email_verified", "email_verified"},
    {"name", "name"},       {"given_name", "given_name"}, {"family_name", "family_name"},
    {"picture", "picture"}, {"locale", "locale"},
};

void ask(http::Parameters& parameters, const model::Connection& connection) {
  // A refresh token only comes with both.
  if (!get_bool(connection.options, "offline_access").value_or(false)) return;
  parameters.add("access_type", "offline");
  parameters.add("prompt", "consent");
}

}  // namespace

/// Google accounts (OpenID Connect).
const Provider& google_oauth2() {
  static const Provider provider{
      .strategy = "google-oauth2",
      .endpoints = {.authorization = "https://accounts.google.com/o/oauth2/v2/auth",
                    .token = "https://oauth2.googleapis.com/token",
                    .userinfo = "https://openidconnect.googleapis.com/v1/userinfo",
                    .jwks = "https://www.googleapis.com/oauth2/v3/certs",
                    .issuer = "https://accounts.google.com"},
      .scope = "openid email profile",
      .scopes = kScopes,
      .needs_id_token = false,
      .source = Provider::Source::both,
      .profile = kProfile,
      .email_verified = Provider::EmailVerified::claimed,
      .ask = ask,
  };
  return provider;
}

}  // namespace gatehouse::connections
