#pragma once
#include "login/screens/second_factor.h"

namespace gatehouse::login {

/// Prompt mfa-webauthn: security keys (…-roaming-…) and the biometrics of this device (…-platform-…), to enrol and to use; the name of a new
/// one, and what is told when a browser or a person could not. The browser is asked by assets/webauthn.js, with options it fetches when the
/// button is pressed.
class MfaWebAuthnScreen {
 public:
  explicit MfaWebAuthnScreen(SecondFactor& factors) : factors_(factors) {}
  void mount(http::Router& router);

 private:
  struct Kind {
    std::string_view name;  ///< roaming, platform
    std::string_view type;
  };
  static const Kind kinds[];
  enum class Act { enrol, use };
  [[nodiscard]] static std::string screen(const Kind& kind, Act act);
  /// The method that is challenged, or being enrolled, here; empty: none.
  [[nodiscard]] static std::string method(const FactorVisit& visit, const Kind& kind, Act act);
  [[nodiscard]] http::Response show(FactorVisit& visit, const Kind& kind, Act act, std::string_view alert = {}, int status = 200) const;
  [[nodiscard]] http::Response ask(FactorVisit& visit, const Kind& kind, Act act) const;
  [[nodiscard]] http::Response submit(FactorVisit& visit, const Kind& kind, Act act, const http::Parameters& form) const;
  [[nodiscard]] http::Response failed(FactorVisit& visit, const Kind& kind, Act act, std::string_view error) const;
  [[nodiscard]] http::Response decline(FactorVisit& visit, bool for_long) const;
  [[nodiscard]] http::Response show_error(FactorVisit& visit, bool available) const;
  [[nodiscard]] http::Response show_nickname(FactorVisit& visit, std::string_view typed, std::string_view error) const;
  [[nodiscard]] http::Response submit_nickname(FactorVisit& visit, const http::Parameters& form) const;
  [[nodiscard]] http::Response show_success(FactorVisit& visit) const;
  SecondFactor& factors_;
};

}  // namespace gatehouse::login
