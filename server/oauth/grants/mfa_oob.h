#pragma once
#include "oauth/grants/mfa_grant.h"

namespace gatehouse::oauth {

/// http://auth0.com/oauth/grant-type/mfa-oob: `mfa_token`, the `oob_code` of a challenge and, as `binding_code`, what was sent by text
/// message, call or mail. The first right one confirms an enrolment.
class MfaOobGrant final : public MfaGrant {
 public:
  using MfaGrant::MfaGrant;
  [[nodiscard]] std::string_view type() const override { return "http://auth0.com/oauth/grant-type/mfa-oob"; }
  [[nodiscard]] std::string_view failure_event() const override { return "feoobft"; }

 protected:
  [[nodiscard]] std::string_view success_event(bool after_passkey) const override { return after_passkey ? "sepkoobft" : "seoobft"; }
  [[nodiscard]] std::string_view success_event_after_passkey() const override { return "sepkoobft"; }
  [[nodiscard]] std::string_view wrong() const override { return "Invalid binding_code."; }
  [[nodiscard]] Result<mfa::Mfa::Verification> verify(const TokenRequest&, const MfaTokens::Waiting&, const mfa::Person&) const override;
};

}  // namespace gatehouse::oauth
