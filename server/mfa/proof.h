#pragma once
#include <string>

#include "base/clock.h"
#include "base/id.h"

namespace gatehouse::mfa {

/// Proof that a user has shown a second factor. Only Mfa makes one (STYLE: a step that cannot be forgotten is a type).
class Proof {
 public:
  [[nodiscard]] const UserId& user() const { return user_; }
  [[nodiscard]] const std::string& method() const { return method_; }  ///< id of the authentication method
  [[nodiscard]] const std::string& type() const { return type_; }      ///< totp, phone, email, recovery-code, webauthn-roaming, …
  [[nodiscard]] Timestamp at() const { return at_; }

 private:
  friend class Mfa;
  Proof(UserId user, std::string method, std::string type, Timestamp at)
      : user_(std::move(user)), method_(std::move(method)), type_(std::move(type)), at_(at) {}
  UserId user_;
  std::string method_, type_;
  Timestamp at_;
};

}  // namespace gatehouse::mfa
