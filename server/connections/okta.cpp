#include "connections/upstream/provider.h"

namespace gatehouse::connections {
namespace {

constexpr Mapped kProfile[] = {
    {"user_id", "sub"},
    {"email", "email"},
    {"email_verified", "email_verified"},
    {"name", "name"},
    {"given_name", "given_name"},
    {"family_name", "family_name"},
    {"nickname", "preferred_username"},
    {"picture", "picture"},
};

void locate(Endpoints& endpoints, const model::Connection& connection) {
  const std::string domain(get_string(connection.options, "domain").value_or(""));
  if (!domain.empty()) endpoints.discovery = "https://" + domain + "/.well-known/openid-configuration";
}

}  // namespace

/// Okta Workforce: OpenID Connect at the company's Okta domain.
const Provider& okta() {
  static const Provider provider{
      .strategy = "okta",
      .is_social = false,
      .id_names_connection = true,
      .scope = "openid profile email",
      .source = Provider::Source::both,
      .profile = kProfile,
      .keeps_the_rest = false,
      .email_verified = Provider::EmailVerified::claimed,
      .locate = locate,
  };
  return provider;
}

}  // namespace gatehouse::connections
