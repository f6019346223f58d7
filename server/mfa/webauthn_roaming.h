#pragma once
#include "mfa/webauthn.h"

namespace gatehouse::mfa {

/// Security keys: plugged in or held to the device, so good at every device.
class WebAuthnRoaming final : public WebAuthn {
 public:
  using WebAuthn::WebAuthn;
  [[nodiscard]] std::string_view name() const override { return "webauthn-roaming"; }
  [[nodiscard]] std::string_view type() const override { return model::method_type::kWebAuthnRoaming; }

 protected:
  [[nodiscard]] std::string_view document() const override;
  [[nodiscard]] std::string_view attachment() const override { return "cross-platform"; }
  /// The password was the other factor: a touch is enough.
  [[nodiscard]] webauthn::UserVerification default_verification() const override { return webauthn::UserVerification::discouraged; }
};

}  // namespace gatehouse::mfa
