#include "oauth/grants/authorization_code.h"

#include "oauth/tokens/claims.h"
#include "oauth/tokens/pkce.h"

namespace gatehouse::oauth {
namespace {

OAuthError invalid_code(std::string why) { return OAuthError{OAuthErrc::invalid_grant, "Invalid authorization code", {}, std::move(why)}; }

/// What the holder of a code must show besides it (RFC 6749 §4.1.3, RFC 7636 §4.6). Nothing is consumed by a wrong answer.
Result<void> prove_possession(const model::AuthorizationCode& code, const BodyParameters& body) {
  const std::string_view redirect_uri = body.get("redirect_uri").value_or("");
  // Auth0 lets the parameter be left out; when it is there it must be the one of the authorization request.
  if (!redirect_uri.empty() && redirect_uri != code.redirect_uri)
    return OAuthError{OAuthErrc::invalid_grant, "The redirect URI is wrong.",
                      "You sent " + std::string(redirect_uri) + ", and we expected " + code.redirect_uri + "."};
  const std::optional<std::string_view> verifier = body.get("code_verifier");
  if (code.code_challenge.empty()) {
    if (verifier)
      return OAuthError{OAuthErrc::invalid_grant, "Failed to verify code verifier", "The authorization request had no code_challenge."};
    return {};
  }
  if (!verifier) return OAuthError{OAuthErrc::invalid_grant, "Failed to verify code verifier", "The parameter code_verifier is missing."};
  if (!pkce_proves(*verifier, code.code_challenge, code.code_challenge_method))
    return OAuthError{OAuthErrc::invalid_grant, "Failed to verify code verifier"};
  return {};
}

}  // namespace

Result<TokenResponse> AuthorizationCodeGrant::handle(const TokenRequest& request, const AuthenticatedClient& authenticated) const {
  const model::Client& client = *authenticated.client;
  TRY(const std::string code_text, request.body.require("code"));
  const std::string digest = model::AuthorizationCodeStore::digest(code_text);

  // The API comes from a cache that may not be filled inside the unit of work, so the code is looked at first and judged below.
  TRY(const std::optional<model::AuthorizationCode> seen,
      parts_.db.read([&](storage::Reader& reader) { return parts_.codes.find(reader, request.tenant.id, digest); }));
  if (!seen) return invalid_code("unknown code");
  if (seen->client != client.id) return invalid_code("the code belongs to another client");
  std::shared_ptr<const model::ResourceServer> api;
  if (!seen->audience.empty()) {
    TRY(api, parts_.api_access.of_audience(request.tenant, seen->audience));
  }
  TRY(const Scopes allowed, parts_.api_access.within_user_policy(client, api.get(), Scopes(seen->scopes)));
  const std::string family_id = new_family_id(parts_.random, request.now);

  struct Redeemed {
    std::optional<OAuthError> refusal;  ///< a replay: what it gave is revoked, so the unit of work commits
    model::AuthorizationCode code;
    model::User user;
    Scopes scopes;
    std::set<std::string> permissions;
    bool refresh = false;
  };
  TRY(Redeemed redeemed, parts_.db.write([&](storage::Transaction& tx) -> Result<Redeemed> {
    TRY(std::optional<model::AuthorizationCode> code, parts_.codes.find(tx, request.tenant.id, digest));
    if (!code) return invalid_code("unknown code");
    if (code->client != client.id) return invalid_code("the code belongs to another client");

    const auto replayed = [&](const model::AuthorizationCode& used) -> Result<Redeemed> {
      if (!used.refresh_family.empty()) {
        TRY(const bool revoked, parts_.refresh_tokens.remove(tx, request.tenant.id, used.refresh_family));
        (void)revoked;
      }
      logs::Event event = request.event(client, "feacft", "Invalid authorization code");
      event.user = used.user;
      event.details = json::object{{"error", "invalid_grant"}, {"reason", "the code was used before; the tokens it gave are revoked"}};
      TRY_VOID(parts_.log.write(tx, event));
      Redeemed outcome;
      outcome.refusal = invalid_code("replay").already_logged();
      return outcome;
    };
    if (code->used_at) return replayed(*code);
    if (code->expires_at <= request.now) return invalid_code("the code has expired");
    TRY_VOID(prove_possession(*code, request.body));

    TRY(std::optional<model::User> user, parts_.users.find(tx, request.tenant.id, code->user));
    if (!user) return invalid_code("the user does not exist any more");
    if (user->blocked) return OAuthError{OAuthErrc::invalid_grant, "user is blocked"};
    std::optional<model::Session> session;
    if (code->session) {
      TRY(session, parts_.sessions.find(tx, request.tenant.id, *code->session, request.now));
      if (!session) return invalid_code("the session it was made in has ended");
    }

    Redeemed outcome;
    TRY(outcome.permissions, parts_.api_access.permissions(tx, request.tenant.id, user->id, api.get()));
    outcome.scopes = grantable_scopes(allowed, api.get(), client, outcome.permissions);
    outcome.refresh = outcome.scopes.contains("offline_access");

    TRY(const bool won, parts_.codes.redeem(tx, *code, outcome.refresh ? family_id : std::string(), request.now));
    if (!won) {
      TRY(std::optional<model::AuthorizationCode> used, parts_.codes.find(tx, request.tenant.id, digest));
      return used ? replayed(*used) : Result<Redeemed>(invalid_code("unknown code"));
    }
    if (outcome.refresh) {
      TRY_VOID(parts_.refresh_tokens.insert(tx, new_family(family_id, client, user->id, code->session, code->audience, outcome.scopes,
                                                           code->connection, code->authenticated_at, code->amr, request.now)));
    }
    if (session) TRY_VOID(parts_.sessions.touch(tx, *session, client.id, request.tenant.idle_session_lifetime(), request.now));
    logs::Event event = request.event(client, "seacft", "Authorization code exchanged for an access token.");
    about_user(event, *user, code->connection);
    event.audience = code->audience;
    event.scope = outcome.scopes.to_string();
    if (code->session) event.session_id = code->session->str();
    TRY_VOID(parts_.log.write(tx, event));
    outcome.code = std::move(*code);
    outcome.user = std::move(*user);
    return outcome;
  }));
  if (redeemed.refusal) return std::move(*redeemed.refusal);

  const model::AuthorizationCode& code = redeemed.code;
  if (code.session) parts_.loop_guard.redeemed(request.tenant.id, client.id, *code.session);
  UserTokensSpec spec{.client = client,
                      .api = api.get(),
                      .user = redeemed.user,
                      .scopes = redeemed.scopes,
                      .permissions = redeemed.permissions,
                      .nonce = code.nonce,
                      .session = code.session,
                      .authenticated_at = code.authenticated_at,
                      .amr = code.amr};
  if (code.max_age_asked) spec.auth_time = code.authenticated_at;
  if (redeemed.refresh) spec.refresh = {family_id, 0};
  return parts_.tokens.mint(request, spec);
}

}  // namespace gatehouse::oauth
