#pragma once
#include <optional>
#include <string>
#include <vector>

#include "attack_protection/attack_protection.h"
#include "base/secret_string.h"
#include "connections/database/database_connection.h"
#include "crypto/password_hash.h"
#include "logs/event.h"
#include "model/connections/connection_store.h"
#include "model/sessions/session_store.h"
#include "model/tenants/tenant_store.h"
#include "model/transactions/transaction_store.h"
#include "model/users/user_store.h"

namespace gatehouse::sign_in {

/// Why nobody was signed in.
enum class SignInErrc {
  wrong_credentials,   ///< unknown user or wrong password: the same answer and the same time
  user_blocked,        ///< the right password of a blocked user
  too_many_attempts,   ///< brute-force protection, or too many logins of one user from this address (429)
  ip_throttled,        ///< suspicious-IP throttling (429)
  invalid_connection,  ///< not a database connection of this client
  overloaded,          ///< the hash would have to wait too long (503)
  unavailable,         ///< storage
};
struct SignInError {
  SignInErrc code;
  std::string message;
  Error cause{};
  bool same_user_limit = false;  ///< with too_many_attempts: too many logins of one user, right or wrong, not too many failures
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
  std::string identifier;  ///< as typed: e-mail, username or phone
  logs::Event event;       ///< prefilled from the request; type and user are set here
};

/// Proof that a person was authenticated. Only SignIn makes one, so a session or a user's token cannot exist without it.
class Authenticated {
 public:
  [[nodiscard]] const model::User& user() const { return user_; }
  [[nodiscard]] const std::string& connection() const { return connection_; }
  [[nodiscard]] const std::vector<std::string>& amr() const { return amr_; }
  [[nodiscard]] Timestamp at() const { return at_; }

 private:
  friend class SignIn;
  /// The password that was checked, and what is still to be written about it.
  struct Password {
    attack_protection::AttackProtection::CountedAttempt attempt;
    Timestamp set_at{};
    std::string hash{};
    std::optional<std::string> stronger{};  ///< replaces an older or weaker hash
  };
  Authenticated(model::User user, std::string connection, Timestamp at, std::optional<Password> password = {})
      : user_(std::move(user)), connection_(std::move(connection)), amr_{"pwd"}, at_(at), password_(std::move(password)) {}
  model::User user_;
  std::string connection_;
  std::vector<std::string> amr_;
  Timestamp at_;
  std::optional<Password> password_;  ///< none: it was set this moment
};

/// The one use case that ends in a session (DESIGN.md §5): attempt counted → credential verified → session or token, event.
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
  };
  explicit SignIn(Parts parts) : parts_(parts) {}

  /// Checks a password in a database connection. Counts the attempt before the hash, hashes a dummy for unknown users, writes the
  /// failure event (f, fp, fu, limit_wc, limit_sul, …). A success is written with what it leads to, by start_session() or record_login():
  /// until then the attempt stays counted. Blocks for a hash: sign_in lane.
  [[nodiscard]] Result<Authenticated, SignInError> with_password(const Attempt& attempt, std::string_view password) const;
  /// After a sign-up on the hosted page with the password just set: the new user is signed in.
  [[nodiscard]] Result<Authenticated, SignInError> after_sign_up(const Attempt& attempt, const model::User& user) const;

  /// Whether what was proved still holds inside a unit of work: the user exists and is not blocked, the password is the one that was
  /// checked. A login that began before a password change must not outlive it.
  [[nodiscard]] Result<bool> still_holds(storage::Reader& reader, const TenantId& tenant, const Authenticated& who) const;

  struct Started {
    model::Session session;
    SecretString cookie_value;  ///< goes into kSessionCookie, SameSite=None
  };
  /// Begins a browser session: always a new secret; a session that `previous_cookie` names is ended. In the same unit of work: what
  /// record_login() does with an `s` event, and the transaction set to `resume` with user and session.
  [[nodiscard]] Result<Started, SignInError> start_session(const Attempt& attempt, const Authenticated& who,
                                                           model::LoginTransaction& transaction,
                                                           std::optional<std::string_view> previous_cookie) const;
  /// For grants without a browser: the failures before it forgiven, the hash renewed if it is too weak, the login counted, the event of
  /// the caller's type (sepft) written.
  Result<void> record_login(storage::Transaction& tx, const Attempt& attempt, const Authenticated& who) const;

 private:
  Parts parts_;
};

}  // namespace gatehouse::sign_in
