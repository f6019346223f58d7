// What a provider says of somebody: whatever it is, the profile made of it stays within its bounds and sets nothing that is ours.
#include "base/text.h"
#include "connections/upstream/profile.h"
#include "model/users/user.h"

namespace connections = gatehouse::connections;
namespace json = gatehouse::json;

namespace {

bool has_nul(const json::value& value) {
  if (value.is_string()) return value.get_string().find('\0') != json::string::npos;
  if (value.is_array())
    for (const json::value& item : value.get_array())
      if (has_nul(item)) return true;
  if (value.is_object())
    for (const auto& member : value.get_object())
      if (gatehouse::has_control(member.key()) || has_nul(member.value())) return true;
  return false;
}

void check(const connections::Profile& profile) {
  if (profile.subject.empty() || profile.subject.size() > 255 || gatehouse::has_control(profile.subject)) __builtin_trap();
  if (profile.email && gatehouse::model::normalize_email(*profile.email) != profile.email) __builtin_trap();
  if (profile.email_verified && !profile.email) __builtin_trap();
  if (json::serialize(profile.attributes).size() > 100 * 1024 || has_nul(profile.attributes)) __builtin_trap();
  for (const char* name : {"user_id", "identities", "app_metadata", "user_metadata", "blocked", "roles", "permissions", "email_verified", "iss", "aud", "nonce"})
    if (profile.attributes.contains(name)) __builtin_trap();
  for (const char* name : {"name", "nickname", "given_name", "family_name"})
    if (const json::value* value = profile.attributes.if_contains(name); value && (!value->is_string() || value->get_string().size() > 300)) __builtin_trap();
  if (const json::value* picture = profile.attributes.if_contains("picture"); picture && !std::string_view(picture->as_string()).starts_with("http")) __builtin_trap();
}

}  // namespace

/// The first byte chooses the provider and its mapping, then come its answer and, behind a NUL, the connection's options.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const size_t nul = text.find('\0');
  const auto said = gatehouse::parse_json(text.substr(0, nul));
  if (!said || !said->is_object()) return 0;
  gatehouse::model::Connection connection;
  connection.strategy = "oidc";
  if (nul != std::string_view::npos)
    if (const auto options = gatehouse::parse_json(text.substr(nul + 1)); options && options->is_object()) connection.options = options->get_object();
  connections::Upstream upstream;
  upstream.connection = &connection;
  upstream.provider = bytes[0] & 1 ? &connections::oidc() : &connections::oauth2();
  connections::Answer answer;
  (bytes[0] & 2 ? answer.claims : answer.userinfo) = said->get_object();
  if (const auto profile = connections::make_profile(upstream, answer)) check(*profile);
  (void)connections::find_source(said->get_object(), text.substr(text.size() / 2));
  return 0;
}
