#pragma once
#include "login/page.h"
#include "model/users/user.h"

namespace gatehouse::login {

/// An offer that somebody may decline in this browser: then it is not made again for 30 days, or for as long as browsers keep cookies. The
/// cookie holds short digests of the last few users who did.
class DeclinedOffer {
 public:
  explicit constexpr DeclinedOffer(std::string_view cookie) : cookie_(cookie) {}
  [[nodiscard]] bool by(const model::User& user, const http::Request& request) const;
  [[nodiscard]] http::Cookie cookie(const model::User& user, const http::Request& request, bool for_long) const;

 private:
  [[nodiscard]] std::vector<std::string> users(const http::Request& request) const;
  std::string_view cookie_;
};

inline constexpr DeclinedOffer kPasskeyOffer{"__Host-gatehouse_passkey"};
inline constexpr DeclinedOffer kBiometricsOffer{"__Host-gatehouse_biometrics"};

}  // namespace gatehouse::login
