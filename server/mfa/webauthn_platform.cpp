#include "mfa/webauthn_platform.h"

#include "model/guardian/guardian.h"

namespace gatehouse::mfa {

std::string_view WebAuthnPlatform::document() const { return model::guardian::kWebAuthnPlatform; }

}  // namespace gatehouse::mfa
