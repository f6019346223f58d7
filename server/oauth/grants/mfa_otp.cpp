#include "oauth/grants/mfa_otp.h"

namespace gatehouse::oauth {

Result<mfa::Mfa::Verification> MfaOtpGrant::verify(const TokenRequest& request, const MfaTokens::Waiting&,
                                                   const mfa::Person& person) const {
  TRY(const std::string otp, request.body.require("otp"));
  TRY(mfa::Mfa::Verification verification, parts_.mfa_tokens.mfa().verify_any(person, model::method_type::kTotp, {.code = otp}));
  return verification;
}

}  // namespace gatehouse::oauth
