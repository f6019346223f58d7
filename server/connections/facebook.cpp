#include "base/encoding.h"
#include "connections/upstream/provider.h"
#include "crypto/crypto.h"
#include "http/request.h"

namespace gatehouse::connections {
namespace {

constexpr ScopeSwitch kScopes[] = {
    {"email", "email"},
    {"public_profile", "public_profile"},
    {"user_age_range", "user_age_range"},
    {"user_birthday", "user_birthday"},
    {"user_events", "user_events"},
    {"user_friends", "user_friends"},
    {"user_gender", "user_gender"},
    {"user_hometown", "user_hometown"},
    {"user_likes", "user_likes"},
    {"user_link", "user_link"},
    {"user_location", "user_location"},
    {"user_photos", "user_photos"},
    {"user_posts", "user_posts"},
    {"user_videos", "user_videos"},
};

constexpr Mapped kProfile[] = {
    {"user_id", "id"},
    {"email", "email"},
    {"name", "name"},
    {"given_name", "first_name"},
    {"family_name", "last_name"},
    {"picture", "/picture/data/url"},
};

/// The fields have to be named, and the proof shows that the token is used by the one it was given to.
void userinfo(http::Parameters& parameters, const Upstream& upstream, std::string_view access_token) {
  parameters.add("fields", "id,name,email,first_name,last_name,picture.width(480).height(480)");
  parameters.add("appsecret_proof", hex_encode(crypto::hmac_sha256(upstream.client_secret.reveal(), access_token)));
}

}  // namespace

/// Facebook (OAuth 2 and the Graph API). It does not say whether an address was verified.
const Provider& facebook() {
  static const Provider provider{
      .strategy = "facebook",
      .endpoints = {.authorization = "https://www.facebook.com/v21.0/dialog/oauth",
                    .token = "https://graph.facebook.com/v21.0/oauth/access_token",
                    .userinfo = "https://graph.facebook.com/v21.0/me"},
      .scope = "public_profile email",
      .scopes = kScopes,
      .open_id = false,
      .needs_id_token = false,
      .login_hint = false,
      .source = Provider::Source::userinfo,
      .profile = kProfile,
      .userinfo = userinfo,
  };
  return provider;
}

}  // namespace gatehouse::connections
