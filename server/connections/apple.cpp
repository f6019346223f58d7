#include "connections/upstream/provider.h"
#include "jose/jwt.h"

namespace gatehouse::connections {
namespace {

constexpr ScopeSwitch kScopes[] = {{"name", "name"}, {"email", "email"}};
constexpr Mapped kProfile[] = {{"user_id", "sub"}, {"email", "email"}, {"email_verified", "email_verified"}};

/// The secret is a JWT that is signed with the team's key (ES256).
Result<SecretString> client_secret(const Upstream& upstream, Timestamp now) {
  const json::object& options = upstream.connection->options;
  Result<jose::PrivateKey> key = jose::PrivateKey::from_pem(upstream.client_secret.reveal(), jose::Algorithm::ES256);
  if (!key) return Error{Errc::invalid_argument, "options.app_secret of the connection is not the PEM of Apple's key.", key.error().detail};
  const int64_t at = to_unix_seconds(now);
  const json::object claims{{"iss", get_string(options, "team_id").value_or("")},
                            {"iat", at},
                            {"exp", at + 300},
                            {"aud", upstream.endpoints.issuer},
                            {"sub", upstream.client_id}};
  return SecretString(jose::sign_jwt(*key, get_string(options, "kid").value_or(""), "", claims));
}

/// The name comes once, beside the first answer and unsigned: good for greeting somebody, and for nothing else.
Result<void> complete(Profile& profile, const Answer& answer, const Upstream&, Calls&) {
  const std::optional<std::string_view> sent = get_string(answer.posted, "user");
  if (!sent) return {};
  const Result<json::value> user = parse_json(*sent, {.max_depth = 8, .max_bytes = 4096});
  const json::object* name = user && user->is_object() ? get_object(user->get_object(), "name") : nullptr;
  if (!name) return {};
  std::string whole;
  for (const auto& [theirs, ours] : {std::pair("firstName", "given_name"), std::pair("lastName", "family_name")}) {
    const std::string_view part = get_string(*name, theirs).value_or("");
    if (part.empty() || part.size() > 150) continue;
    profile.attributes[ours] = part;
    whole += (whole.empty() ? "" : " ") + std::string(part);
  }
  if (!whole.empty()) profile.attributes["name"] = whole;
  return {};
}

}  // namespace

/// Sign in with Apple (OpenID Connect with its own ways: a signed secret, the answer by POST, the name once).
const Provider& apple() {
  static const Provider provider{
      .strategy = "apple",
      .endpoints = {.authorization = "https://appleid.apple.com/auth/authorize",
                    .token = "https://appleid.apple.com/auth/token",
                    .jwks = "https://appleid.apple.com/auth/keys",
                    .issuer = "https://appleid.apple.com"},
      .scope = "",
      .scopes = kScopes,
      .pkce = false,
      .form_post = true,
      .login_hint = false,
      .profile = kProfile,
      .email_verified = Provider::EmailVerified::claimed,
      .client_secret = client_secret,
      .complete = complete,
  };
  return provider;
}

}  // namespace gatehouse::connections
