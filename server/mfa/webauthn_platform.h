#pragma once
#include "mfa/webauthn.h"

namespace gatehouse::mfa {

/// Device biometrics: the face, fingerprint or screen lock of this device. Good on this device alone, so it does not stand by itself.
class WebAuthnPlatform final : public WebAuthn {
 public:
  using WebAuthn::WebAuthn;
  [[nodiscard]] std::string_view name() const override { return "webauthn-platform"; }
  [[nodiscard]] std::string_view type() const override { return model::method_type::kWebAuthnPlatform; }
  [[nodiscard]] bool is_independent() const override { return false; }

 protected:
  [[nodiscard]] std::string_view document() const override;
  [[nodiscard]] std::string_view attachment() const override { return "platform"; }
  [[nodiscard]] webauthn::UserVerification default_verification() const override { return webauthn::UserVerification::required; }
};

}  // namespace gatehouse::mfa
