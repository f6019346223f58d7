#include "oauth/grants/mfa_oob.h"

namespace gatehouse::oauth {

Result<mfa::Mfa::Verification> MfaOobGrant::verify(const TokenRequest& request, const MfaTokens::Waiting& waiting,
                                                   const mfa::Person& person) const {
  TRY(const std::string oob_code, request.body.require("oob_code"));
  const std::optional<std::string_view> binding_code = request.body.get("binding_code");
  if (!binding_code) return OAuthError{OAuthErrc::invalid_request, "binding_code is required"};
  const std::string method = MfaTokens::method_of(waiting, oob_code);
  if (method.empty()) return OAuthError{OAuthErrc::invalid_grant, "Malformed oob_code"};
  TRY(mfa::Mfa::Verification verification, parts_.mfa_tokens.mfa().verify(person, method, {.code = std::string(*binding_code)}));
  return verification;
}

}  // namespace gatehouse::oauth
