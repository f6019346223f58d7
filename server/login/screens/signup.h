#pragma once
#include "login/screens/screen.h"

namespace gatehouse::login {

/// Prompt signup: identifiers and password on one page; whoever signs up is signed in.
class SignupScreen {
 public:
  explicit SignupScreen(const Kit& kit) : kit_(kit) {}
  void mount(http::Router& router);

 private:
  struct Told {
    std::string email{}, username{}, phone{};
    std::string_view alert{};
    std::string_view email_error{}, username_error{}, phone_error{}, password_error{};  ///< text keys
    int status = 200;
    [[nodiscard]] bool has_error() const {
      return !email_error.empty() || !username_error.empty() || !phone_error.empty() || !password_error.empty();
    }
  };
  [[nodiscard]] http::Response show(const LoginVisit& visit, const Told& told) const;
  [[nodiscard]] http::Response submit(LoginVisit& visit, const http::Parameters& form) const;
  const Kit& kit_;
};

}  // namespace gatehouse::login
