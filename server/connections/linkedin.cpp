#include "connections/upstream/provider.h"

namespace gatehouse::connections {
namespace {

constexpr ScopeSwitch kScopes[] = {{"profile", "profile"}, {"email", "email"}};
constexpr Mapped kProfile[] = {
    {"user_id", "sub"},     {"email", "email"},           {"email_verified", "email_verified"},
    {"name", "name"},       {"given_name", "given_name"}, {"family_name", "family_name"},
    {"picture", "picture"},
};

}  // namespace

/// LinkedIn ("Sign In with LinkedIn using OpenID Connect"). It neither gives a nonce back nor takes PKCE from web applications: the
/// `state` and the browser's cookie are what bind its answer.
const Provider& linkedin() {
  static const Provider provider{
      .strategy = "linkedin",
      .endpoints = {.authorization = "https://www.linkedin.com/oauth/v2/authorization",
                    .token = "https://www.linkedin.com/oauth/v2/accessToken",
                    .userinfo = "https://api.linkedin.com/v2/userinfo",
                    .jwks = "https://www.linkedin.com/oauth/openid/jwks",
                    .issuer = "https://www.linkedin.com/oauth"},
      .scope = "openid profile email",
      .scopes = kScopes,
      .needs_id_token = false,
      .sends_nonce = false,
      .pkce = false,
      .login_hint = false,
      .source = Provider::Source::both,
      .profile = kProfile,
      .email_verified = Provider::EmailVerified::claimed,
  };
  return provider;
}

}  // namespace gatehouse::connections
