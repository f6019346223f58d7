#pragma once
#include "oauth/grants/mfa_grant.h"

namespace gatehouse::oauth {

/// http://auth0.com/oauth/grant-type/mfa-recovery-code: `mfa_token` and a `recovery_code`, which is used up; the answer carries the next
/// one.
class MfaRecoveryCodeGrant final : public MfaGrant {
 public:
  using MfaGrant::MfaGrant;
  [[nodiscard]] std::string_view type() const override { return "http://auth0.com/oauth/grant-type/mfa-recovery-code"; }
  [[nodiscard]] std::string_view failure_event() const override { return "fercft"; }

 protected:
  [[nodiscard]] std::string_view success_event(bool after_passkey) const override { return after_passkey ? "sepkrcft" : "sercft"; }
  [[nodiscard]] std::string_view success_event_after_passkey() const override { return "sepkrcft"; }
  [[nodiscard]] std::string_view wrong() const override { return "MFA Authorization rejected."; }
  [[nodiscard]] Result<mfa::Mfa::Verification> verify(const TokenRequest&, const MfaTokens::Waiting&, const mfa::Person&) const override;
};

}  // namespace gatehouse::oauth
