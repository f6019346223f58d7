#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "attack_protection/attack_protection.h"
#include "base/secret_string.h"
#include "connections/database/database_connection.h"
#include "connections/passwordless/passwordless_connection.h"
#include "connections/database/passkeys.h"
#include "crypto/password_hash.h"
#include "logs/event.h"
#include "mfa/due.h"
#include "mfa/proof.h"
#include "model/connections/connection_store.h"
#include "model/sessions/session_store.h"
#include "model/tenants/tenant_store.h"
#include "model/transactions/transaction_store.h"
#include "model/users/user_store.h"

namespace gatehouse::mfa {
class Mfa;
}
namespace gatehouse::model {
class UpstreamStore;
}
namespace gatehouse::connections {
class UpstreamIdentity;
}

namespace gatehouse::sign_in {

/// Why nobody was signed in.
enum class SignInErrc {
  wrong_credentials,   ///< unknown user or wrong password: the same answer and the same time
  user_blocked,        ///< the right password of a blocked user
  password_leaked,     ///< the right password, but known from a breach, and the tenant does not let such in
  too_many_attempts,   ///< brute-force protection, or too many logins of one user from this address (429)
  ip_throttled,        ///< suspicious-IP throttling (429)
  mfa_required,        ///< a second factor is due before there is a session or a token
  invalid_connection,  ///< not a database connection of this client
  overloaded,          ///< the hash would have to wait too long (503)
  unavailable,         ///< storage
};
struct SignInError {
  SignInErrc code;
  std::string message;
  Error cause{};
  bool code_over = false;        ///< with wrong_credentials: the code is no longer good, a new one is needed
  bool same_user_limit = false;   ///< with too_many_attempts: too many logins of one user, right or wrong, not too many failures
  mfa::Due due = mfa::Due::none;  ///< with mfa_required
  SignInError(SignInErrc c, std::string m) : code(c), message(std::move(m)) {}
  SignInError(Error e)
      : code(e.code == Errc::overloaded ? SignInErrc::overloaded : SignInErrc::unavailable),
        message(e.message),
        cause(std::move(e)) {}  // NOLINT
};

/// Somebody at the door.
struct Attempt {
  const model::Tenant* tenant = nullptr;
  const model::Client* client = nullptr;
  const model::Connection* connection = nullptr;
  std::string identifier;          ///< as typed: e-mail, username or phone
  logs::Event event;               ///< prefilled from the request; type and user are set here
  std::string remembered_browser;  ///< value of the cookie by which this browser was remembered after a second factor; empty: none
  bool step_up = false;            ///< the application asked for a second factor (acr_values)
  bool step_up_if_enrolled = false;  ///< what is asked for wants a second factor of whoever has one (the audience of the MFA API)
};

/// Proof that a person was authenticated. Only SignIn makes one, so a session or a user's token cannot exist without it.
class Authenticated {
 public:
  [[nodiscard]] const model::User& user() const { return user_; }
  [[nodiscard]] const std::string& connection() const { return connection_; }
  /// What was proved, as RFC 8176 names it; `mfa` once a second factor was.
  [[nodiscard]] const std::vector<std::string>& amr() const { return amr_; }
  [[nodiscard]] bool has(std::string_view method) const { return std::ranges::find(amr_, method) != amr_.end(); }
  [[nodiscard]] Timestamp at() const { return at_; }

 private:
  friend class SignIn;
  /// A password that was checked, and what is still to be written about it.
  struct Password {
    Timestamp set_at{};
    std::optional<attack_protection::AttackProtection::CountedAttempt> attempt{};  ///< still counted
    std::string hash{};
    std::optional<std::string> stronger{};  ///< replaces an older or weaker hash
    std::optional<UserId> account{};        ///< whose it is, where that is an account linked to the user
  };
  Authenticated(model::User user, std::string connection, Timestamp at, std::vector<std::string> amr, std::optional<Password> password = {})
      : user_(std::move(user)), connection_(std::move(connection)), amr_(std::move(amr)), at_(at), password_(std::move(password)) {}
  [[nodiscard]] const UserId& password_of() const { return password_ && password_->account ? *password_->account : user_.id; }
  model::User user_;
  std::string connection_;
  std::vector<std::string> amr_;
  Timestamp at_;
  std::optional<Password> password_;  ///< none: something else was proved
  std::optional<SessionId> session_;  ///< what was proved is a session's: it holds as long as that does
};

/// An Authenticated for whom no second factor is due (any more). Only admit() makes one, and sessions and tokens want one, so no page and
/// no grant can forget to ask.
class Admitted {
 public:
  [[nodiscard]] const Authenticated& who() const { return who_; }

 private:
  friend class SignIn;
  Admitted(Authenticated who, bool noted) : who_(std::move(who)), noted_(noted) {}
  Authenticated who_;
  bool noted_;  ///< an adaptive policy wants to know where it was
};

/// The one use case that ends in a session (DESIGN.md §5): attempt counted → credential verified → second factor → session or token, event.
class SignIn {
 public:
  struct Parts {
    storage::Database& db;
    const model::UserStore& users;
    const model::SessionStore& sessions;
    const model::TransactionStore& transactions;
    crypto::PasswordHasher& hasher;
    crypto::Random& random;
    const Clock& clock;
    logs::EventLog& log;
    attack_protection::AttackProtection& protection;
    const mfa::Mfa& mfa;
  };
  explicit SignIn(Parts parts) : parts_(parts) {}

  /// Checks a password in a database connection. Counts the attempt before the hash, hashes a dummy for unknown users, writes the
  /// failure event (f, fp, fu, limit_wc, limit_sul, …). A success is written with what it leads to, by start_session() or record_login():
  /// until then the attempt stays counted. Blocks for a hash: sign_in lane.
  [[nodiscard]] Result<Authenticated, SignInError> with_password(const Attempt& attempt, std::string_view password) const;
  /// Checks what a passkey answered (the browser's AuthenticationResponseJSON) to a challenge of connections::Passkeys::ask() for the same
  /// `subject`. Counts the attempt before the signature is looked at and writes the failure event (f, limit_wc, limit_mu, …).
  [[nodiscard]] Result<Authenticated, SignInError> with_passkey(const Attempt& attempt, std::string_view subject,
                                                                const json::object& response,
                                                                const std::vector<std::string>& more_origins = {}) const;
  /// After a sign-up with the password (`amr` pwd) or passkey (phr) just made: the new user is signed in.
  [[nodiscard]] Result<Authenticated, SignInError> after_sign_up(const Attempt& attempt, const model::User& user,
                                                                 std::string_view amr = "pwd") const;

  /// Checks a code for attempt.identifier. Counts the attempt like one at a password, writes the failure event. With `browser`, the digest of
  /// its cookie, `code` is link_digest() of a link's secret.
  [[nodiscard]] Result<Authenticated, SignInError> with_one_time_code(const Attempt& attempt,
                                                                      const connections::PasswordlessConnection& passwordless,
                                                                      std::string_view code, std::string_view browser = {}) const;
  /// A user whose address was just proved.
  [[nodiscard]] Result<Authenticated, SignInError> with_code(const Attempt& attempt, const model::User& user,
                                                             const connections::PasswordlessProof& proof) const;

  /// Lets somebody in whom another identity provider has authenticated: the account's user is made at its first login and brought up to
  /// date at later ones (`set_user_root_attributes`), the provider's tokens are kept. Accounts are told apart by the provider's id alone:
  /// an address never finds, links or merges one. Errors: user_blocked, wrong_credentials (no sign-ups), invalid_connection.
  [[nodiscard]] Result<Authenticated, SignInError> with_upstream(const Attempt& attempt, const connections::UpstreamIdentity& identity,
                                                                 const model::UpstreamStore& tokens) const;

  /// Whether a second factor is due before `who` gets a session or a token. Blocks for a read where the tenant has a policy.
  [[nodiscard]] Result<mfa::Due> second_factor_due(const Attempt& attempt, const Authenticated& who) const;
  /// Lets somebody in who has proved all that is asked for. Errors: mfa_required, with what is `due`; unavailable.
  [[nodiscard]] Result<Admitted, SignInError> admit(const Attempt& attempt, Authenticated who) const;
  /// `who` has shown a second factor. Errors: wrong_credentials, when it is somebody else's.
  [[nodiscard]] Result<Authenticated, SignInError> with_second_factor(const Attempt& attempt, Authenticated who,
                                                                      const mfa::Proof& proof) const;
  /// What was proved so far, to be kept with a login in progress or behind an mfa_token until the rest is. Gives the attempt at the
  /// password back: it was right.
  Result<json::object> suspend(storage::Transaction& tx, const Authenticated& who) const;
  /// The opposite; nullopt when it holds no longer: the user is gone, blocked, or has another password.
  [[nodiscard]] Result<std::optional<Authenticated>> resumed(storage::Reader& reader, const TenantId& tenant,
                                                             const json::object& suspended) const;
  /// Who a session signs in: for a step-up, where the first factor was proved before. Nullopt as above.
  [[nodiscard]] Result<std::optional<Authenticated>> of_session(storage::Reader& reader, const model::Session& session) const;

  /// Whether what was proved still holds inside a unit of work: the user exists and is not blocked, the password is the one that was
  /// checked. A login that began before a password change must not outlive it.
  [[nodiscard]] Result<bool> still_holds(storage::Reader& reader, const TenantId& tenant, const Authenticated& who) const;

  struct Started {
    model::Session session;
    SecretString cookie_value;  ///< goes into kSessionCookie, SameSite=None
  };
  /// Begins a browser session: always a new secret; a session that `previous_cookie` names is ended. In the same unit of work: what
  /// record_login() does with an `s` event, and the transaction set to `resume` with user and session. Errors: user_blocked.
  [[nodiscard]] Result<Started, SignInError> start_session(const Attempt& attempt, const Admitted& admitted,
                                                           model::LoginTransaction& transaction,
                                                           std::optional<std::string_view> previous_cookie) const;
  /// For grants without a browser: the failures before it forgiven, the hash renewed if it is too weak, the login counted, the event of
  /// the caller's type (sepft) written.
  Result<void> record_login(storage::Transaction& tx, const Attempt& attempt, const Admitted& admitted) const;

 private:
  /// The attempt at the password is given back, the hash renewed if it is too weak: once.
  Result<void> settle_password(storage::Transaction& tx, const Authenticated& who) const;
  Parts parts_;
  connections::Passkeys passkeys_{{parts_.db, parts_.users, parts_.random, parts_.clock}};
};

}  // namespace gatehouse::sign_in
