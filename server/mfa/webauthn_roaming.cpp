#include "mfa/webauthn_roaming.h"

#include "model/guardian/guardian.h"

namespace gatehouse::mfa {

std::string_view WebAuthnRoaming::document() const { return model::guardian::kWebAuthnRoaming; }

}  // namespace gatehouse::mfa
