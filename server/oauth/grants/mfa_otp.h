#pragma once
#include "oauth/grants/mfa_grant.h"

namespace gatehouse::oauth {

/// http://auth0.com/oauth/grant-type/mfa-otp: `mfa_token` and the `otp` of an authenticator. The first right one confirms an enrolment that
/// was begun with the same mfa_token.
class MfaOtpGrant final : public MfaGrant {
 public:
  using MfaGrant::MfaGrant;
  [[nodiscard]] std::string_view type() const override { return "http://auth0.com/oauth/grant-type/mfa-otp"; }
  [[nodiscard]] std::string_view failure_event() const override { return "feotpft"; }

 protected:
  [[nodiscard]] std::string_view success_event(bool after_passkey) const override { return after_passkey ? "sepkotpft" : "seotpft"; }
  [[nodiscard]] std::string_view success_event_after_passkey() const override { return "sepkotpft"; }
  [[nodiscard]] std::string_view wrong() const override { return "Invalid otp_code."; }
  [[nodiscard]] Result<mfa::Mfa::Verification> verify(const TokenRequest&, const MfaTokens::Waiting&, const mfa::Person&) const override;
};

}  // namespace gatehouse::oauth
