#include "connections/upstream/provider.h"

namespace gatehouse::connections {
namespace {

constexpr ScopeSwitch kScopes[] = {
    {"graph_user", "User.Read"},          {"graph_calendars", "Calendars.Read"},
    {"graph_contacts", "Contacts.Read"},  {"graph_emails", "Mail.Read"},
    {"graph_files", "Files.Read"},        {"graph_notes", "Notes.Read"},
    {"graph_tasks", "Tasks.Read"},        {"graph_user_activity", "UserActivity.ReadWrite.CreatedByApp"},
    {"offline_access", "offline_access"},
};

constexpr Mapped kProfile[] = {
    {"user_id", "id"},          {"name", "displayName"}, {"given_name", "givenName"},
    {"family_name", "surname"}, {"email", "mail"},       {"email", "userPrincipalName"},  // of accounts without a mailbox
};

}  // namespace

/// Microsoft accounts of people, by Microsoft Graph (OAuth 2). Anybody may write any address into a directory of their own: it is never
/// taken for verified.
const Provider& windowslive() {
  static const Provider provider{
      .strategy = "windowslive",
      .endpoints = {.authorization = "https://login.microsoftonline.com/consumers/oauth2/v2.0/authorize",
                    .token = "https://login.microsoftonline.com/consumers/oauth2/v2.0/token",
                    .userinfo = "https://graph.microsoft.com/v1.0/me"},
      .scope = "User.Read",
      .scopes = kScopes,
      .open_id = false,
      .needs_id_token = false,
      .source = Provider::Source::userinfo,
      .profile = kProfile,
  };
  return provider;
}

}  // namespace gatehouse::connections
