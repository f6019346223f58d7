#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"

namespace gatehouse::model {

/// Types of methods, in Auth0's words: the part of a method's id before the bar, too.
namespace method_type {
inline constexpr std::string_view kTotp = "totp", kPhone = "phone", kEmail = "email", kRecoveryCode = "recovery-code",
                                  kWebAuthnRoaming = "webauthn-roaming", kWebAuthnPlatform = "webauthn-platform", kPasskey = "passkey";
}  // namespace method_type

/// The key pair of an authenticator (webauthn-roaming, webauthn-platform, passkey), as it registered itself.
struct WebAuthnCredential {
  std::string id;          ///< base64url; unique in the tenant
  std::string public_key;  ///< base64url of the COSE key
  std::string rp_id;
  std::string user_handle;  ///< base64url; what a discoverable credential answers with
  std::string aaguid;       ///< as a UUID
  std::string attestation_format;
  std::vector<std::string> transports;  ///< usb, nfc, ble, hybrid, internal
  bool backup_eligible = false;
  bool backed_up = false;
};

/// Something a user can prove itself with beside its password.
struct AuthenticationMethod {
  std::string id;  ///< `totp|dev_7CjvPa4hWq1b3X9r`
  TenantId tenant;
  UserId user;
  std::string type;  ///< method_type::…
  std::string name;  ///< given by the person, or empty
  bool confirmed = false;
  std::optional<std::string> phone_number{};  ///< phone: E.164
  std::optional<std::string> email{};
  std::optional<std::string> secret{};  ///< totp: the raw secret, sealed (AuthenticationMethodStore::secret_context)
  std::optional<std::string> digest{};  ///< recovery-code: SHA-256, hex
  std::optional<WebAuthnCredential> webauthn{};
  int64_t counter = 0;  ///< totp: the last time step used; WebAuthn: the signature counter
  json::object data{};  ///< further properties: preferred_authentication_method (sms, voice), user_agent, identity_user_id, …
  Timestamp created_at{};
  std::optional<Timestamp> enrolled_at{};
  std::optional<Timestamp> last_auth_at{};
  std::optional<Timestamp> expires_at{};  ///< an enrolment that was not confirmed is forgotten then

  [[nodiscard]] bool is_webauthn() const { return webauthn.has_value(); }
  /// Passkeys are a first factor, every other method is a second one.
  [[nodiscard]] bool is_second_factor() const { return type != method_type::kPasskey; }
};

}  // namespace gatehouse::model
