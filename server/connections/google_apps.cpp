#include <algorithm>

#include "base/encoding.h"
#include "connections/upstream/provider.h"

namespace gatehouse::connections {
namespace {

constexpr Mapped kProfile[] = {
    {"user_id", "sub"},     {"email", "email"},           {"email_verified", "email_verified"},
    {"name", "name"},       {"given_name", "given_name"}, {"family_name", "family_name"},
    {"picture", "picture"}, {"locale", "locale"},
};

std::vector<std::string> domains_of(const model::Connection& connection) {
  std::vector<std::string> domains = get_strings(connection.options, "domain_aliases");
  for (const std::string_view option : {"domain", "tenant_domain"})
    if (const auto domain = get_string(connection.options, option); domain && !domain->empty())
      domains.insert(domains.begin(), std::string(*domain));
  for (std::string& domain : domains) domain = to_lower_ascii(domain);
  return domains;
}

void ask(http::Parameters& parameters, const model::Connection& connection) {
  if (const std::vector<std::string> domains = domains_of(connection); !domains.empty()) parameters.add("hd", domains.front());
}

/// Only people of the company: `hd` of the request is a wish, `hd` of the ID token is the proof.
Result<void> complete(Profile& profile, const Answer& answer, const Upstream& upstream, Calls&) {
  const std::vector<std::string> domains = domains_of(*upstream.connection);
  const std::string theirs = to_lower_ascii(get_string(answer.claims, "hd").value_or(""));
  if (domains.empty() || std::ranges::find(domains, theirs) == domains.end())
    return Error{Errc::invalid_argument, "This Google account does not belong to the company's domain.", "hd: " + theirs};
  // As on Auth0: the address is the id, unless the connection wants Google's number.
  if (get_bool(upstream.connection->options, "map_user_id_to_id").value_or(false)) return {};
  if (!profile.email || !profile.email_verified) return Error{Errc::invalid_argument, "This Google account has no verified address."};
  profile.subject = *profile.email;
  return {};
}

}  // namespace

/// Google Workspace: Google accounts of one company's domain.
const Provider& google_apps() {
  static const Provider provider{
      .strategy = "google-apps",
      .is_social = false,
      .endpoints = {.authorization = "https://accounts.google.com/o/oauth2/v2/auth",
                    .token = "https://oauth2.googleapis.com/token",
                    .userinfo = "https://openidconnect.googleapis.com/v1/userinfo",
                    .jwks = "https://www.googleapis.com/oauth2/v3/certs",
                    .issuer = "https://accounts.google.com"},
      .scope = "openid email profile",
      .source = Provider::Source::id_token,
      .profile = kProfile,
      .email_verified = Provider::EmailVerified::claimed,
      .ask = ask,
      .complete = complete,
  };
  return provider;
}

}  // namespace gatehouse::connections
