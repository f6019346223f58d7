#include "login/screens/declined.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/crypto.h"

namespace gatehouse::login {
namespace {

constexpr size_t kUsers = 5, kDigits = 16;
constexpr seconds kLater = std::chrono::hours(24 * 30), kNever = std::chrono::hours(24 * 400);

std::string digest_of(std::string_view cookie, const model::User& user) {
  return hex_encode(crypto::sha256(std::string(cookie) + "\n" + user.tenant.str() + "\n" + user.id.str())).substr(0, kDigits);
}

}  // namespace

std::vector<std::string> DeclinedOffer::users(const http::Request& request) const {
  std::vector<std::string> out;
  const auto cookie = request.cookie(cookie_);
  if (!cookie || cookie->size() > (kDigits + 1) * kUsers) return out;
  for (const std::string_view one : split(*cookie, '.'))
    if (one.size() == kDigits && hex_decode(one)) out.emplace_back(one);
  return out;
}

bool DeclinedOffer::by(const model::User& user, const http::Request& request) const {
  const std::vector<std::string> all = users(request);
  return std::ranges::find(all, digest_of(cookie_, user)) != all.end();
}

http::Cookie DeclinedOffer::cookie(const model::User& user, const http::Request& request, bool for_long) const {
  std::vector<std::string> all = users(request);
  const std::string own = digest_of(cookie_, user);
  std::erase(all, own);
  all.insert(all.begin(), own);
  if (all.size() > kUsers) all.resize(kUsers);
  http::Cookie cookie{.name = std::string(cookie_)};
  for (const std::string& one : all) cookie.value += (cookie.value.empty() ? "" : ".") + one;
  cookie.max_age_seconds = (for_long ? kNever : kLater).count();
  return cookie;
}

}  // namespace gatehouse::login
