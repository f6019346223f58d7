#pragma once
#include <optional>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "model/authentication_methods/authentication_method_store.h"
#include "model/connections/connection.h"
#include "model/tenants/tenant_store.h"
#include "model/users/user_store.h"
#include "model/webauthn_challenges/webauthn_challenge_store.h"
#include "webauthn/options.h"

namespace gatehouse::connections {

inline constexpr size_t kMaxPasskeys = 20;  ///< of one user; Auth0's limit

/// Proof that somebody signed in with a passkey: the assertion fits the passkey of this user, and its challenge is used up. Only Passkeys
/// makes one.
class PasskeyProof {
 public:
  [[nodiscard]] const model::User& user() const { return user_; }
  [[nodiscard]] const std::string& method() const { return method_; }  ///< id of the authentication method
  [[nodiscard]] bool user_verified() const { return user_verified_; }

 private:
  friend class Passkeys;
  PasskeyProof(model::User user, std::string method, bool verified)
      : user_(std::move(user)), method_(std::move(method)), user_verified_(verified) {}
  model::User user_;
  std::string method_;
  bool user_verified_;
};

/// Passkeys of users of our own databases: discoverable WebAuthn credentials of the tenant's domain. What is asked for and what is answered is
/// bound to a `subject`, the id of a login in progress or a digest of an auth_session: no answer counts twice or elsewhere.
class Passkeys {
 public:
  struct Parts {
    storage::Database& db;
    const model::UserStore& users;
    crypto::Random& random;
    const Clock& clock;
  };
  explicit Passkeys(Parts parts) : parts_(parts) {}

  /// Whom passkeys of this tenant are for; nullopt where there can be none (an IP address, no TLS).
  [[nodiscard]] static std::optional<webauthn::RelyingParty> party(const model::Tenant& tenant, std::vector<std::string> more_origins = {});
  /// Whether people sign in with passkeys here: the connection says so, and the address can have them.
  [[nodiscard]] static bool offered(const model::Tenant& tenant, const model::Connection& connection);

  /// What the browser is asked for at sign-in (PublicKeyCredentialRequestOptionsJSON). One unit of work. Errors: not_found without a party.
  [[nodiscard]] Result<json::object> ask(const model::Tenant& tenant, std::string_view subject) const;

  /// Whose passkey an answer says it is.
  struct Claim {
    model::AuthenticationMethod method;
    model::User user;
  };
  /// Nullopt when there is no such passkey (any more), or not of a user of this connection. Errors: invalid_argument (no answer at all).
  [[nodiscard]] Result<std::optional<Claim>> claim(const model::Tenant& tenant, const model::Connection& connection,
                                                   const json::object& response) const;
  /// Verifies an answer (libfido2, a fraction of a millisecond), uses its challenge up and notes the use. `also` joins the unit of work.
  /// Errors: invalid_argument, with the reason in `detail`; unavailable.
  using Also = std::function<Result<void>(storage::Transaction&)>;
  [[nodiscard]] Result<PasskeyProof> prove(const model::Tenant& tenant, const Claim& claim, std::string_view subject,
                                           const json::object& response, const std::vector<std::string>& more_origins,
                                           const Also& also) const;

  /// Somebody who is to get a passkey.
  struct Owner {
    UserId user;  ///< need not exist yet
    std::string name, display_name;
    static Owner of(const model::User& user);
  };
  /// What the browser is asked for when a passkey is made (PublicKeyCredentialCreationOptionsJSON). Errors: not_found without a party;
  /// invalid_argument when the user has kMaxPasskeys.
  [[nodiscard]] Result<json::object> ask_new(const model::Tenant& tenant, const Owner& owner, std::string_view subject,
                                             json::object data = {}) const;
  /// A new passkey, not stored yet.
  struct Made {
    webauthn::Registration registration;
    json::object data;  ///< as given to ask_new()
  };
  /// Errors: invalid_argument, with the reason in `detail`.
  [[nodiscard]] Result<Made> check_new(const model::Tenant& tenant, std::string_view subject, const json::object& response,
                                       const std::vector<std::string>& more_origins = {}) const;
  /// Stores it, in the caller's unit of work, and uses its challenge up. Errors: invalid_argument (used already, too many passkeys),
  /// unique_violation (the credential is registered already).
  Result<model::AuthenticationMethod> keep(storage::Transaction& tx, const model::Tenant& tenant, const UserId& user,
                                           std::string_view subject, const Made& made, std::string_view method_id,
                                           std::string_view user_agent) const;
  [[nodiscard]] std::string make_id() const;

  /// A user's passkeys.
  [[nodiscard]] Result<std::vector<model::AuthenticationMethod>> list(storage::Reader& reader, const TenantId& tenant,
                                                                      const UserId& user) const;

 private:
  Parts parts_;
  model::AuthenticationMethodStore methods_;
  model::WebAuthnChallengeStore challenges_;
};

}  // namespace gatehouse::connections
