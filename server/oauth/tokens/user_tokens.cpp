#include "oauth/tokens/user_tokens.h"

#include <algorithm>

#include "base/encoding.h"
#include "connections/database/events.h"

namespace gatehouse::oauth {

Result<TokenResponse> UserTokens::mint(const TokenRequest& request, const UserTokensSpec& spec) const {
  AccessTokenSpec access{.tenant = request.tenant,
                         .client = spec.client,
                         .api = spec.api,
                         .subject = spec.user.id.str(),
                         .scopes = spec.scopes,
                         .gty = spec.gty,
                         .second_factor_shown = std::ranges::find(spec.amr, "mfa") != spec.amr.end(),
                         .authenticated_at = spec.authenticated_at,
                         .now = request.now};
  if (spec.api && spec.api->adds_permissions())
    access.permissions = std::vector<std::string>(spec.permissions.begin(), spec.permissions.end());
  TRY(AccessToken token, issuer_.access_token(access));
  TokenResponse response{.access_token = std::move(token.value), .scope = spec.scopes.to_string(), .expires_in = token.lifetime};
  if (spec.scopes.contains("openid")) {
    TRY(response.id_token, issuer_.id_token({.tenant = request.tenant,
                                             .client = spec.client,
                                             .user = spec.user,
                                             .scopes = spec.scopes,
                                             .nonce = spec.nonce,
                                             .session = spec.session,
                                             .authenticated_at = spec.auth_time,
                                             .amr = spec.amr,
                                             .now = request.now}));
  }
  if (spec.refresh) {
    TRY(response.refresh_token, refresh_texts_.make(request.tenant.id, spec.refresh->first, spec.refresh->second));
  }
  if (spec.api && MissingPermissionsNotice::concerns(*spec.api, spec.permissions.size())) {
    logs::Event event = request.event(spec.client, "w", "");
    about_user(event, spec.user, spec.user.identities.empty() ? "" : spec.user.connection());
    notice_.token_issued(std::move(event), *spec.api, spec.permissions.size());
  }
  return response;
}

model::RefreshTokenFamily new_family(std::string id, const model::Client& client, const UserId& user, std::optional<SessionId> session,
                                     std::string audience, const Scopes& scopes, std::string connection, Timestamp authenticated_at,
                                     std::vector<std::string> amr, Timestamp now) {
  model::RefreshTokenFamily family;
  family.id = std::move(id);
  family.tenant = client.tenant;
  family.client = client.id;
  family.user = user;
  family.session = std::move(session);
  family.audience = std::move(audience);
  family.scopes = scopes.values();
  family.connection = std::move(connection);
  family.authenticated_at = authenticated_at;
  family.amr = std::move(amr);
  family.created_at = family.last_used_at = now;
  family.expires_at = absolute_end(client.refresh_token, now);
  family.idle_expires_at = idle_end(client.refresh_token, family.expires_at, now);
  return family;
}

std::string new_family_id(crypto::Random& random, Timestamp now) {
  std::string time(8, '\0');
  auto micros = static_cast<uint64_t>(to_micros(now));
  for (size_t i = 8; i-- > 0; micros >>= 8) time[i] = static_cast<char>(micros & 0xff);
  return hex_encode(time) + hex_encode(random.bytes(12));
}

void about_user(logs::Event& event, const model::User& user, std::string_view connection) {
  event.connection = connection;
  connections::about(event, user);
}

}  // namespace gatehouse::oauth
