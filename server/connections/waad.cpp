#include "connections/upstream/provider.h"
#include "model/users/user.h"

namespace gatehouse::connections {
namespace {

constexpr ScopeSwitch kScopes[] = {{"offline_access", "offline_access"}};
constexpr Mapped kProfile[] = {
    {"user_id", "sub"},
    {"name", "name"},
    {"given_name", "given_name"},
    {"family_name", "family_name"},
    {"nickname", "preferred_username"},
    {"email", "email"},
    {"tenantid", "tid"},
    {"oid", "oid"},
    {"upn", "upn"},
    {"group_ids", "groups"},
};

/// Whether people of any directory may come.
bool is_common(const model::Connection& connection) {
  return get_bool(connection.options, "waad_common_endpoint").value_or(false) ||
         get_bool(connection.options, "useCommonEndpoint").value_or(false);
}

std::string directory_of(const model::Connection& connection) {
  if (is_common(connection)) return "common";
  for (const std::string_view option : {"tenantId", "tenant_domain", "domain"})
    if (const auto directory = get_string(connection.options, option); directory && !directory->empty()) return std::string(*directory);
  return {};
}

void locate(Endpoints& endpoints, const model::Connection& connection) {
  const std::string directory = directory_of(connection);
  if (directory.empty()) return;
  const std::string base = "https://login.microsoftonline.com/" + http::percent_encode(directory);
  endpoints.discovery = base + "/v2.0/.well-known/openid-configuration";
  endpoints.end_session = base + "/oauth2/v2.0/logout";
}

/// A directory that is named by its domain has its number in the issuer, and the common endpoint leaves room for anybody's.
bool issuer_fits(std::string_view issuer, const json::object& claims, const Upstream& upstream) {
  std::string expected = upstream.endpoints.issuer;
  constexpr std::string_view placeholder = "{tenantid}";
  const size_t at = expected.find(placeholder);
  if (at == std::string::npos) return issuer == expected;
  const std::string_view directory = get_string(claims, "tid").value_or("");
  if (directory.size() != 36 || directory.find_first_not_of("0123456789abcdef-") != std::string_view::npos) return false;
  expected.replace(at, placeholder.size(), directory);
  return issuer == expected;
}

/// An administrator of a directory may write any address into it, so it counts as verified only where the connection says that this
/// directory is trusted with it.
Result<void> complete(Profile& profile, const Answer& answer, const Upstream& upstream, Calls&) {
  const json::object& options = upstream.connection->options;
  // An object id tells people apart in one directory only.
  if (get_string(options, "userid_attribute").value_or("") == "oid" && !is_common(*upstream.connection)) {
    const std::optional<std::string_view> oid = get_string(answer.claims, "oid");
    if (!oid || oid->empty()) return Error{Errc::invalid_argument, "The directory did not tell the person's object id (oid)."};
    profile.subject = std::string(*oid);
  }
  const bool mailbox = profile.email.has_value();
  if (!mailbox) {
    for (const std::string_view claim : {"upn", "preferred_username"})
      if (!profile.email) profile.email = model::normalize_email(get_string(answer.claims, claim).value_or(""));
  }
  profile.email_verified =
      mailbox && get_string(options, "should_trust_email_verified_connection").value_or("") == "always_set_emails_as_verified";
  return {};
}

}  // namespace

/// Microsoft Entra ID (Azure AD), by the Microsoft identity platform 2.0.
const Provider& waad() {
  static const Provider provider{
      .strategy = "waad",
      .is_social = false,
      .scope = "openid profile email",
      .scopes = kScopes,
      .source = Provider::Source::id_token,
      .profile = kProfile,
      .keeps_the_rest = false,
      .locate = locate,
      .complete = complete,
      .issuer_fits = issuer_fits,
  };
  return provider;
}

}  // namespace gatehouse::connections
