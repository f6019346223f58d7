#include "oauth/authorize/interaction.h"

#include <algorithm>

#include "model/clients/url_rules.h"
#include "oauth/tokens/claims.h"

namespace gatehouse::oauth {
namespace {

constexpr std::string_view kSkipConfirmation = "skip_non_verifiable_callback_uri_confirmation_prompt";

/// Whether the session is what the request wants of an authentication (OpenID Connect Core §3.1.2.1). A connection that is not enabled
/// for the client lets nobody in, also not by the detour of another application.
bool session_satisfies(const AuthorizeRequest& request, const model::Session& session, Timestamp now) {
  const std::vector<std::string>& enabled = request.enabled_connections;
  if (std::find(enabled.begin(), enabled.end(), session.connection) == enabled.end()) return false;
  if (request.prompt.login || request.prompt.select_account) return false;
  if (request.max_age && now - session.authenticated_at > *request.max_age) return false;
  if (request.max_age && *request.max_age == seconds(0)) return false;
  if (!request.connection.empty() && request.connection != session.connection) return false;
  return true;
}

bool asks_for_consent(const AuthorizeRequest& request) {
  const model::Client& client = *request.client;
  if (request.prompt.consent || !client.is_first_party) return true;
  if (!request.api || request.api->is_system || request.tenant.is_local()) return false;
  const bool vouched_for = model::is_verifiable_callback(request.redirect_uri) || !callback_needs_confirmation(request);
  return !request.api->skip_consent_for_verifiable_first_party_clients || !vouched_for;
}

}  // namespace

gatehouse::Result<Visitor> VisitorReader::read(storage::Reader& reader, const AuthorizeRequest& request,
                                               std::optional<std::string_view> session_cookie, Timestamp now) const {
  Visitor visitor;
  if (!session_cookie || session_cookie->empty()) return visitor;
  const TenantId& tenant = request.tenant.id;
  TRY(visitor.session, sessions_.find_by_secret(reader, tenant, *session_cookie, now));
  if (!visitor.session) return visitor;
  TRY(visitor.user, users_.find(reader, tenant, visitor.session->user));
  if (!visitor.user || visitor.user->blocked) {
    visitor.blocked = visitor.user.has_value();
    visitor.user.reset();
    visitor.session.reset();
    return visitor;
  }
  if (request.api && (enforces_permissions(*request.api) || request.response_type.token)) {
    TRY(visitor.permissions, api_access_.permissions(reader, tenant, visitor.user->id, request.api.get()));
  }
  visitor.granted = grantable_scopes(request.scopes, request.api.get(), *request.client, visitor.permissions);
  if (asks_for_consent(request)) {
    TRY(visitor.consented, consents_.scopes(reader, tenant, visitor.user->id, request.client->id, request.audience));
  }
  return visitor;
}

bool callback_needs_confirmation(const AuthorizeRequest& request) {
  if (model::is_verifiable_callback(request.redirect_uri)) return false;
  if (const std::optional<bool> own = get_bool(request.client->properties, kSkipConfirmation)) return !*own;
  return !get_bool(request.tenant.settings, kSkipConfirmation).value_or(false);
}

std::vector<std::string> scopes_to_consent(const AuthorizeRequest& request, const Visitor& visitor) {
  const model::Client& client = *request.client;
  if (!asks_for_consent(request)) return {};
  std::vector<std::string> missing, wanted = visitor.granted.values();
  // Without any scope a stranger's application still gets a token that names the user and opens an API.
  if (wanted.empty() && !client.is_first_party) wanted.emplace_back("openid");
  for (const std::string& scope : wanted)
    if (request.prompt.consent || std::find(visitor.consented.begin(), visitor.consented.end(), scope) == visitor.consented.end())
      missing.push_back(scope);
  return missing;
}

Due what_is_due(const AuthorizeRequest& request, const Visitor& visitor, const Progress& progress, Timestamp now) {
  if (!visitor.session) return Due::login;
  if (!request.hinted_subject.empty() && visitor.user->id.str() != request.hinted_subject) return Due::login;
  if (!progress.signed_in_now && !session_satisfies(request, *visitor.session, now)) return Due::login;
  if (progress.consent != true && !scopes_to_consent(request, visitor).empty()) return Due::consent;
  if (!progress.prompted && callback_needs_confirmation(request)) return Due::confirmation;
  return Due::nothing;
}

}  // namespace gatehouse::oauth
