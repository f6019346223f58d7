#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace gatehouse::webauthn {

inline constexpr size_t kMaxCredentialId = 1023;  ///< bytes (WebAuthn §4, "credential id")
inline constexpr size_t kMaxAuthenticatorData = 8 * 1024;

/// What an authenticator says and signs (WebAuthn §6.1).
struct AuthenticatorData {
  std::string rp_id_hash;  ///< SHA-256 of the relying party's id
  bool user_present = false;
  bool user_verified = false;
  bool backup_eligible = false;  ///< the credential may be copied to other devices
  bool backed_up = false;
  uint32_t sign_count = 0;
  /// Of a new credential (§6.5.1).
  struct Attested {
    std::string aaguid;         ///< model of the authenticator: 16 bytes
    std::string credential_id;  ///< bytes
    std::string public_key;     ///< COSE_Key, as it was sent
  };
  std::optional<Attested> attested{};

  /// Errors: invalid_argument, for anything that is not exactly one structure of the standard.
  static Result<AuthenticatorData> parse(std::string_view bytes);
};

/// What a new credential is wrapped in (§6.5.4): the format and statement of its attestation, which nobody here relies on, and the data.
struct AttestationObject {
  std::string format;
  std::string authenticator_data;
  static Result<AttestationObject> parse(std::string_view bytes);
};

}  // namespace gatehouse::webauthn
