#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "webauthn/signature.h"

namespace gatehouse::webauthn {

/// Whom credentials are for, and which pages and apps may use them.
struct RelyingParty {
  std::string id;                    ///< a domain: the host of the pages or a parent of it
  std::string name;                  ///< shown by some browsers
  std::vector<std::string> origins;  ///< https://host[:port] without a final slash, or android:apk-key-hash:…

  /// That of pages below `issuer` (https://host[:port]/). `id`: another relying party id; ignored unless the host is it or below it.
  /// Nullopt where there can be none: at an IP address, or without TLS elsewhere than on this machine (browsers refuse both).
  static std::optional<RelyingParty> of(std::string_view issuer, std::string_view id = {});
  /// Whether pages of this host may use this id: it is the host or a parent with a dot in it. Public suffixes are the browser's matter.
  static bool covers(std::string_view id, std::string_view host);
};

inline constexpr size_t kChallengeBytes = 32;

/// What is checked against what was asked.
struct Expectation {
  const RelyingParty& party;
  std::string_view challenge;      ///< the bytes that were sent, once
  bool user_verification = false;  ///< required
};

/// The challenge that an answer says it is for, to look the request up by. Proves nothing. Errors: invalid_argument.
Result<std::string> challenge_of(const json::object& response);
/// The id (bytes) of the credential that an answer says it comes from. Errors: invalid_argument.
Result<std::string> credential_id_of(const json::object& response);

/// A credential as it is kept.
struct Credential {
  std::string id;          ///< bytes
  std::string public_key;  ///< COSE_Key
  uint32_t sign_count = 0;
  bool backup_eligible = false;
  bool backed_up = false;
};

/// Proof that a new credential was made for a challenge of ours. Only verify() makes one.
class Registration {
 public:
  /// Registers a new credential (WebAuthn §7.1). `response`: the browser's RegistrationResponseJSON. Attestation is neither asked for nor
  /// relied on: any format is taken. Errors: invalid_argument, with the reason in `detail`.
  static Result<Registration> verify(const Expectation& expected, const json::object& response);

  [[nodiscard]] const Credential& credential() const { return credential_; }
  [[nodiscard]] const std::string& rp_id() const { return rp_id_; }
  [[nodiscard]] const std::string& aaguid() const { return aaguid_; }  ///< as a UUID text
  [[nodiscard]] const std::string& attestation_format() const { return attestation_format_; }
  [[nodiscard]] const std::vector<std::string>& transports() const { return transports_; }
  [[nodiscard]] bool user_verified() const { return user_verified_; }
  /// Told by the browser, not signed: "platform", "cross-platform" or empty.
  [[nodiscard]] const std::string& attachment() const { return attachment_; }
  [[nodiscard]] const std::string& challenge() const { return challenge_; }

 private:
  Registration() = default;
  Credential credential_;
  std::string rp_id_, aaguid_, attestation_format_, attachment_, challenge_;
  std::vector<std::string> transports_;
  bool user_verified_ = false;
};

/// Proof that the owner of a credential answered a challenge of ours. Only verify() makes one.
class Assertion {
 public:
  /// Verifies an assertion by a known credential (WebAuthn §7.2). `response`: the browser's AuthenticationResponseJSON. `user_handle`: whose
  /// credential it is; must be named when `must_name_user` (nobody said before who signs in), may not be another. Refuses a signature
  /// counter that does not grow: the credential may have been copied. Errors: invalid_argument, with the reason in `detail`.
  static Result<Assertion> verify(const Expectation& expected, const Credential& credential, std::string_view user_handle,
                                  bool must_name_user, const json::object& response);

  [[nodiscard]] const std::string& credential_id() const { return credential_id_; }
  [[nodiscard]] uint32_t sign_count() const { return sign_count_; }
  [[nodiscard]] uint32_t previous_sign_count() const { return previous_sign_count_; }
  [[nodiscard]] bool user_verified() const { return user_verified_; }
  [[nodiscard]] bool backed_up() const { return backed_up_; }
  [[nodiscard]] const std::string& attachment() const { return attachment_; }
  [[nodiscard]] const std::string& challenge() const { return challenge_; }

 private:
  Assertion() = default;
  std::string credential_id_, attachment_, challenge_;
  uint32_t sign_count_ = 0, previous_sign_count_ = 0;
  bool user_verified_ = false, backed_up_ = false;
};

}  // namespace gatehouse::webauthn
