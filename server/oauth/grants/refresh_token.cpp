#include "oauth/grants/refresh_token.h"

#include "oauth/tokens/claims.h"

namespace gatehouse::oauth {
namespace {

OAuthError invalid_token(std::string why) {
  return OAuthError{OAuthErrc::invalid_grant, "Unknown or invalid refresh token.", {}, std::move(why)};
}

}  // namespace

Result<TokenResponse> RefreshTokenGrant::handle(const TokenRequest& request, const AuthenticatedClient& authenticated) const {
  const model::Client& client = *authenticated.client;
  const TenantId& tenant = request.tenant.id;
  TRY(const std::string token_text, request.body.require("refresh_token"));
  TRY(const std::optional<RefreshTokenText> token, parts_.texts.read(tenant, token_text));
  if (!token) return invalid_token("not a refresh token of this tenant");

  // The API comes from a cache that may not be filled inside the unit of work, so the family is looked at first and judged below.
  TRY(const std::optional<model::RefreshTokenFamily> seen,
      parts_.db.read([&](storage::Reader& reader) { return parts_.refresh_tokens.find(reader, tenant, token->family); }));
  if (!seen) return invalid_token("the family was revoked or has expired");
  if (seen->client != client.id) return invalid_token("the token belongs to another client");
  std::shared_ptr<const model::ResourceServer> api;
  if (!seen->audience.empty()) {
    TRY(api, parts_.api_access.of_audience(request.tenant, seen->audience));
    if (api && !api->allow_offline_access) return invalid_token("the API does not allow offline access any more");
  }
  TRY(const Scopes allowed, parts_.api_access.within_user_policy(client, api.get(), Scopes(seen->scopes)));
  if (const std::optional<std::string_view> audience = request.body.get("audience");
      audience && *audience != seen->audience && *audience != userinfo_audience(request.tenant))
    return OAuthError{OAuthErrc::access_denied, "The refresh token was not issued for the requested audience.",
                      "It was issued for \"" + seen->audience + "\", not for \"" + std::string(*audience) + "\"."};

  struct Exchanged {
    std::optional<OAuthError> refusal;  ///< reuse: the family dies, so the unit of work commits
    model::RefreshTokenFamily family;
    model::User user;
    Scopes scopes;
    std::set<std::string> permissions;
    int64_t generation = 0;
  };
  const model::RefreshTokenPolicy& policy = client.refresh_token;
  // Own rows: whoever ends the user's access removes the family, which is the row written here; all else may be as old as the request.
  TRY(Exchanged exchanged, parts_.db.write_own_rows([&](storage::Transaction& tx) -> Result<Exchanged> {
    Exchanged outcome;
    TRY(std::optional<model::RefreshTokenFamily> family, parts_.refresh_tokens.find(tx, tenant, token->family));
    if (!family) return invalid_token("the family was revoked or has expired");
    if (family->client != client.id) return invalid_token("the token belongs to another client");
    if ((family->expires_at && *family->expires_at <= request.now) || (family->idle_expires_at && *family->idle_expires_at <= request.now))
      return invalid_token("the token has expired");

    const auto reused = [&]() -> Result<Exchanged> {
      TRY(const bool removed, parts_.refresh_tokens.remove(tx, tenant, family->id));
      (void)removed;
      logs::Event event = request.event(client, "ferrt", "Unsuccessful Refresh Token exchange, reused refresh token detected");
      event.user = family->user;
      event.connection = family->connection;
      event.audience = family->audience;
      event.details = json::object{{"familyId", family->id}, {"reason", "a spent refresh token was used again; the family is revoked"}};
      TRY_VOID(parts_.log.write(tx, event));
      outcome.refusal = invalid_token("reuse").already_logged();
      return std::move(outcome);
    };
    const Presented state = presented(*family, policy, token->generation, request.now);
    if (state == Presented::spent) return reused();

    TRY(std::optional<model::User> user, parts_.users.find(tx, tenant, family->user));
    if (!user) return invalid_token("the user does not exist any more");
    if (user->blocked) return OAuthError{OAuthErrc::invalid_grant, "user is blocked"};

    Scopes asked = allowed;
    if (const std::optional<std::string_view> narrower = request.body.get("scope")) {
      const Scopes wanted = Scopes::parse(*narrower);
      asked.keep_if([&](const std::string& scope) { return wanted.contains(scope); });
    }
    TRY(outcome.permissions, parts_.api_access.permissions(tx, tenant, user->id, api.get()));
    outcome.scopes = grantable_scopes(asked, api.get(), client, outcome.permissions);

    const std::optional<Timestamp> idle = idle_end(policy, family->expires_at, request.now);
    outcome.generation = family->generation;
    if (policy.rotating && state == Presented::current) {
      TRY(const bool won, parts_.refresh_tokens.rotate(tx, *family, idle, request.now));
      if (!won) return reused();
      ++outcome.generation;
    } else {
      TRY_VOID(parts_.refresh_tokens.touch(tx, *family, idle, request.now));
    }
    logs::Event event = request.event(client, "sertft", "Refresh token exchanged for an access token.");
    about_user(event, *user, family->connection);
    event.audience = family->audience;
    event.scope = outcome.scopes.to_string();
    if (family->session) event.session_id = family->session->str();
    TRY_VOID(parts_.log.write(tx, event));
    outcome.family = std::move(*family);
    outcome.user = std::move(*user);
    return outcome;
  }));
  if (exchanged.refusal) return std::move(*exchanged.refusal);

  UserTokensSpec spec{.client = client,
                      .api = api.get(),
                      .user = exchanged.user,
                      .scopes = exchanged.scopes,
                      .permissions = exchanged.permissions,
                      .session = exchanged.family.session,
                      .authenticated_at = exchanged.family.authenticated_at,
                      .amr = exchanged.family.amr};
  if (policy.rotating) spec.refresh = {exchanged.family.id, exchanged.generation};
  return parts_.tokens.mint(request, spec);
}

}  // namespace gatehouse::oauth
