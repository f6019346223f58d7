#pragma once
#include <memory>

#include "webauthn/options.h"

namespace gatehouse::webauthn {

/// CBOR as authenticators write it (tests).
std::string cbor_head(unsigned kind, uint64_t value);
std::string cbor_integer(int64_t value);
std::string cbor_text(std::string_view text);
std::string cbor_bytes(std::string_view bytes);

/// What an authenticator, or the browser in front of it, does otherwise than it should.
struct Lies {
  std::optional<std::string> origin{}, rp_id{}, type{}, challenge{}, user_handle{};
  std::optional<bool> cross_origin{}, user_present{}, user_verified{}, backup_eligible{}, backed_up{};
  std::optional<uint32_t> sign_count{};
  bool another_key = false;   ///< signs with another key than it registered
  bool extensions = false;    ///< adds extension outputs, which nobody asked for: allowed
  bool attestation = false;   ///< sends a packed self attestation: allowed
  bool trailing = false;      ///< bytes behind the authenticator's data
  std::string client_data{};  ///< further members of the client data, as JSON text: ,"a":1
};

/// An authenticator in software with one credential (tests).
class TestAuthenticator {
 public:
  explicit TestAuthenticator(Algorithm algorithm = Algorithm::ES256, std::string origin = "https://login.example.com");
  ~TestAuthenticator();
  TestAuthenticator(const TestAuthenticator&) = delete;
  TestAuthenticator& operator=(const TestAuthenticator&) = delete;

  /// Answers PublicKeyCredentialCreationOptionsJSON.
  [[nodiscard]] json::object create(const json::object& options, const Lies& lies = {});
  /// Answers PublicKeyCredentialRequestOptionsJSON.
  [[nodiscard]] json::object get(const json::object& options, const Lies& lies = {});

  bool counts = true;         ///< keeps a signature counter
  bool user_verified = true;  ///< has a fingerprint reader or PIN
  std::string credential_id;  ///< bytes

 private:
  struct Keys;
  std::string client_data(std::string_view type, const json::object& options, const Lies& lies) const;
  std::string authenticator_data(std::string_view rp_id, bool attested, const Lies& lies);
  std::unique_ptr<Keys> keys_;
  Algorithm algorithm_;
  std::string origin_, user_handle_;
  uint32_t sign_count_ = 0;
};

}  // namespace gatehouse::webauthn
