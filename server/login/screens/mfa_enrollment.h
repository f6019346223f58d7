#pragma once
#include "login/screens/second_factor.h"

namespace gatehouse::login {

/// Prompt mfa-otp, its enrolment: the secret as a picture (mfa-otp-enrollment-qr) or to be typed (mfa-otp-enrollment-code).
class MfaOtpEnrollmentScreen {
 public:
  explicit MfaOtpEnrollmentScreen(SecondFactor& factors) : factors_(factors) {}
  void mount(http::Router& router);

 private:
  struct Told {
    std::string_view alert{}, code_error{};
    int status = 200;
  };
  [[nodiscard]] http::Response show(FactorVisit& visit, bool picture, const Told& told) const;
  [[nodiscard]] http::Response submit(FactorVisit& visit, bool picture, const http::Parameters& form) const;
  SecondFactor& factors_;
};

/// Prompts mfa-sms, mfa-voice and mfa-phone, their enrolment: the number; with mfa-phone also text or call. The code that is sent there is
/// asked for by the challenge pages.
class MfaPhoneEnrollmentScreen {
 public:
  explicit MfaPhoneEnrollmentScreen(SecondFactor& factors) : factors_(factors) {}
  void mount(http::Router& router);

 private:
  struct Phone {
    std::string_view screen, prompt;
  };
  static const Phone phones[];
  [[nodiscard]] http::Response show(FactorVisit& visit, const Phone& phone, std::string_view typed, std::string_view error,
                                    std::string_view alert = {}) const;
  [[nodiscard]] http::Response submit(FactorVisit& visit, const Phone& phone, const http::Parameters& form) const;
  SecondFactor& factors_;
};

/// Prompt mfa-recovery-code: the code is shown, once, after the first factor was enrolled and after a code was used up.
class MfaRecoveryCodeScreen {
 public:
  explicit MfaRecoveryCodeScreen(SecondFactor& factors) : factors_(factors) {}
  void mount(http::Router& router);

 private:
  [[nodiscard]] http::Response show(FactorVisit& visit, std::string_view screen, std::string_view error) const;
  [[nodiscard]] http::Response submit(FactorVisit& visit, std::string_view screen, const http::Parameters& form) const;
  SecondFactor& factors_;
};

}  // namespace gatehouse::login
