#pragma once
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"

namespace gatehouse::mfa {

/// Proof that a user has shown a second factor. Only Mfa makes one (STYLE: a step that cannot be forgotten is a type).
class Proof {
 public:
  [[nodiscard]] const UserId& user() const { return user_; }
  [[nodiscard]] const std::string& method() const { return method_; }  ///< id of the authentication method
  [[nodiscard]] const std::string& type() const { return type_; }      ///< totp, phone, email, recovery-code, webauthn-roaming, …
  /// What it proves besides mfa, as RFC 8176 names it.
  [[nodiscard]] const std::vector<std::string>& amr() const { return amr_; }
  [[nodiscard]] Timestamp at() const { return at_; }

 private:
  friend class Mfa;
  Proof(UserId user, std::string method, std::string type, std::vector<std::string> amr, Timestamp at)
      : user_(std::move(user)), method_(std::move(method)), type_(std::move(type)), amr_(std::move(amr)), at_(at) {}
  UserId user_;
  std::string method_, type_;
  std::vector<std::string> amr_;
  Timestamp at_;
};

}  // namespace gatehouse::mfa
