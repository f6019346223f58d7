#include "oauth/authorize/answer.h"

#include <algorithm>

namespace gatehouse::oauth {

model::AuthorizationCode make_code(const AuthorizeRequest& request, const Visitor& visitor, std::string_view text, Timestamp now) {
  model::AuthorizationCode code;
  code.digest = model::AuthorizationCodeStore::digest(text);
  code.tenant = request.tenant.id;
  code.client = request.client->id;
  code.user = visitor.user->id;
  code.session = visitor.session->id;
  code.redirect_uri = request.redirect_uri;
  code.code_challenge = request.code_challenge;
  code.code_challenge_method = request.code_challenge_method;
  code.nonce = request.nonce;
  code.audience = request.audience;
  code.scopes = visitor.granted.values();
  code.authenticated_at = visitor.session->authenticated_at;
  code.max_age_asked = request.max_age.has_value();
  code.amr = visitor.session->amr;
  code.connection = visitor.session->connection;
  code.expires_at = now + kCodeLifetime;
  return code;
}

Result<http::Parameters> success_parameters(const AuthorizeRequest& request, const Visitor& visitor, std::string_view code,
                                            const Issuer& issuer, Timestamp now) {
  http::Parameters answer;
  std::string access_token;
  if (request.response_type.code) answer.add("code", std::string(code));
  if (request.response_type.token) {
    AccessTokenSpec spec{.tenant = request.tenant,
                         .client = *request.client,
                         .api = request.api.get(),
                         .subject = visitor.user->id.str(),
                         .scopes = visitor.granted,
                         .second_factor_shown = std::ranges::find(visitor.session->amr, "mfa") != visitor.session->amr.end(),
                         .from_browser = true,
                         .authenticated_at = visitor.session->authenticated_at,
                         .now = now};
    spec.scopes.remove("offline_access");
    if (request.api && request.api->adds_permissions())
      spec.permissions = std::vector<std::string>(visitor.permissions.begin(), visitor.permissions.end());
    TRY(AccessToken token, issuer.access_token(spec));
    access_token = std::move(token.value);
    answer.add("access_token", access_token);
    answer.add("scope", spec.scopes.to_string());
    answer.add("expires_in", std::to_string(token.lifetime.count()));
    answer.add("token_type", "Bearer");
  }
  if (request.response_type.id_token) {
    IdTokenSpec spec{.tenant = request.tenant,
                     .client = *request.client,
                     .user = *visitor.user,
                     .scopes = visitor.granted,
                     .nonce = request.nonce,
                     .session = visitor.session->id,
                     .amr = visitor.session->amr,
                     .access_token = access_token,
                     .code = code,
                     .now = now};
    if (request.max_age) spec.authenticated_at = visitor.session->authenticated_at;
    TRY(std::string id_token, issuer.id_token(spec));
    answer.add("id_token", std::move(id_token));
  }
  if (request.state) answer.add("state", *request.state);
  answer.add("iss", request.tenant.issuer);
  return answer;
}

http::Parameters error_parameters(const AuthorizeRequest& request, const OAuthError& error) {
  http::Parameters answer;
  answer.add("error", std::string(to_string(error.code)));
  answer.add("error_description", public_description(error, request.tenant.is_local()));
  if (request.state) answer.add("state", *request.state);
  answer.add("iss", request.tenant.issuer);
  return answer;
}

}  // namespace gatehouse::oauth
