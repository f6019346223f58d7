#include "connections/upstream/provider.h"

namespace gatehouse::connections {
namespace {

constexpr Mapped kProfile[] = {
    {"user_id", "sub"},
    {"user_id", "id"},
    {"user_id", "user_id"},
    {"email", "email"},
    {"email_verified", "email_verified"},
    {"name", "name"},
    {"nickname", "nickname"},
    {"given_name", "given_name"},
    {"family_name", "family_name"},
    {"picture", "picture"},
};

}  // namespace

/// Any OAuth 2 provider: all endpoints come from the options, and `profileMapping` says what its user information means. Without a
/// mapping the names of OpenID Connect count, and the rest is left out.
const Provider& oauth2() {
  static const Provider provider{
      .strategy = "oauth2",
      .open_id = false,
      .needs_id_token = false,
      .source = Provider::Source::userinfo,
      .profile = kProfile,
      .keeps_the_rest = false,
      .email_verified = Provider::EmailVerified::claimed,
  };
  return provider;
}

}  // namespace gatehouse::connections
