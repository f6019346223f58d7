#pragma once
#include "login/screens/second_factor.h"

namespace gatehouse::login {

/// Prompts mfa-otp, mfa-sms, mfa-voice, mfa-email and mfa-recovery-code: a code is typed. One class; what differs is a row of its table.
/// The same pages confirm the enrolment of a phone or an address.
class MfaChallengeScreen {
 public:
  explicit MfaChallengeScreen(SecondFactor& factors) : factors_(factors) {}
  void mount(http::Router& router);

 private:
  struct Code {
    std::string_view screen, prompt;
    std::string_view type;
    bool voice = false;
    bool sent = false;  ///< can be sent again
  };
  static const Code codes[];
  struct Told {
    std::string_view alert{}, code_error{};
    int status = 200;
    std::string_view notice{};
  };
  /// The method this page asks for; null: none, the person has to start elsewhere.
  [[nodiscard]] static const model::AuthenticationMethod* method(const FactorVisit& visit, const Code& code);
  [[nodiscard]] http::Response show(FactorVisit& visit, const Code& code, const Told& told) const;
  [[nodiscard]] http::Response submit(FactorVisit& visit, const Code& code, const http::Parameters& form) const;
  [[nodiscard]] http::Response send(FactorVisit& visit, const Code& code, const std::string& method_id, bool voice) const;
  SecondFactor& factors_;
};

/// Text or call (mfa-phone-challenge), and which of several phones or addresses (mfa-sms-list, mfa-email-list).
class MfaChoiceScreen {
 public:
  explicit MfaChoiceScreen(SecondFactor& factors) : factors_(factors) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response show_ways(FactorVisit& visit) const;
  [[nodiscard]] http::Response choose_way(FactorVisit& visit, const http::Parameters& form) const;
  [[nodiscard]] http::Response show_list(FactorVisit& visit, std::string_view type) const;
  [[nodiscard]] http::Response choose(FactorVisit& visit, std::string_view type, const http::Parameters& form) const;
  SecondFactor& factors_;
};

/// A phone number or address as far as it may be shown to somebody who has only typed a password: ••• 0123, a•••@example.com.
std::string masked(const model::AuthenticationMethod& method);

}  // namespace gatehouse::login
