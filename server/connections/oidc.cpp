#include "connections/upstream/provider.h"

namespace gatehouse::connections {
namespace {

constexpr Mapped kProfile[] = {{"user_id", "sub"},
                               {"email", "email"},
                               {"email_verified", "email_verified"},
                               {"nickname", "nickname"},
                               {"nickname", "preferred_username"}};

}  // namespace

/// A company's OpenID Connect provider. Everything comes from the options and from discovery; `attribute_map` says what its claims mean.
const Provider& oidc() {
  static const Provider provider{
      .strategy = "oidc",
      .is_social = false,
      .id_names_connection = true,
      .scope = "openid",
      .source = Provider::Source::id_token,
      .profile = kProfile,
      .email_verified = Provider::EmailVerified::claimed,
  };
  return provider;
}

}  // namespace gatehouse::connections
