#include "oauth/grants/mfa_recovery_code.h"

namespace gatehouse::oauth {

Result<mfa::Mfa::Verification> MfaRecoveryCodeGrant::verify(const TokenRequest& request, const MfaTokens::Waiting&,
                                                            const mfa::Person& person) const {
  TRY(const std::string code, request.body.require("recovery_code"));
  TRY(mfa::Mfa::Verification verification, parts_.mfa_tokens.mfa().verify_any(person, model::method_type::kRecoveryCode, {.code = code}));
  return verification;
}

}  // namespace gatehouse::oauth
