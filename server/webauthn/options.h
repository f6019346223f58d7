#pragma once
#include "webauthn/webauthn.h"

namespace gatehouse::webauthn {

inline constexpr int64_t kTimeoutMs = 60'000;  ///< how long browsers are asked to wait for the person

enum class UserVerification { required, preferred, discouraged };
std::string_view name_of(UserVerification wanted);

/// A credential that is named in a request.
struct Descriptor {
  std::string id;  ///< bytes
  std::vector<std::string> transports{};
};

/// PublicKeyCredentialDescriptorJSON, as in `allowCredentials` and `excludeCredentials`.
json::array descriptors(const std::vector<Descriptor>& list);

/// What a new credential is asked for.
struct CreationOptions {
  const RelyingParty& party;
  std::string_view challenge;
  std::string_view user_handle;  ///< bytes, at most 64; says nothing about the person
  std::string name;              ///< shown by the browser: e-mail address, user name
  std::string display_name;
  std::string_view attachment{};  ///< platform, cross-platform or either
  bool resident = false;          ///< to be found without a name: a passkey
  UserVerification verification = UserVerification::preferred;
  std::vector<Descriptor> exclude{};  ///< authenticators that have one of these are not asked again

  /// PublicKeyCredentialCreationOptionsJSON (WebAuthn §5.1.9).
  [[nodiscard]] json::object to_json() const;
};

/// What an assertion is asked for.
struct RequestOptions {
  const RelyingParty& party;
  std::string_view challenge;
  UserVerification verification = UserVerification::preferred;
  std::vector<Descriptor> allow{};  ///< none: any that the browser finds for us

  /// PublicKeyCredentialRequestOptionsJSON (§5.1.10).
  [[nodiscard]] json::object to_json() const;
};

/// The user handle of a user: the same for all credentials of one, so that a device replaces the older one; tells nothing.
std::string user_handle(std::string_view tenant, std::string_view user_id);

}  // namespace gatehouse::webauthn
