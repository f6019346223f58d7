#pragma once
#include <functional>
#include <optional>
#include <string>

#include "base/json.h"
#include "base/secret_string.h"
#include "crypto/leaked_passwords.h"
#include "crypto/password_hash.h"
#include "crypto/random.h"
#include "logs/event.h"
#include "messaging/messenger.h"
#include "model/clients/client.h"
#include "model/connections/connection.h"
#include "model/refresh_tokens/refresh_token_store.h"
#include "model/sessions/session_store.h"
#include "model/tenants/tenant_store.h"
#include "model/tickets/ticket_store.h"
#include "model/users/user_store.h"

namespace gatehouse::connections {

/// Why a user could not be made or a password not be set. Spelt as Auth0's codes on the wire.
enum class DatabaseErrc {
  user_exists,     ///< an identifier is taken
  invalid_signup,  ///< sign-up is off, or this is not a database connection of the client
  invalid_email,
  invalid_username,
  username_required,
  password_too_short,
  password_too_long,
  password_not_strong_enough,
  password_too_common,
  password_in_history,
  password_contains_user_data,
  password_leaked,  ///< known from a breach, and the tenant does not want such
  ticket_unknown,
  ticket_used,
  ticket_expired,
  failed,  ///< storage, overload: see cause
};
struct DatabaseError {
  DatabaseErrc code;
  std::string message;  ///< a sentence that may be shown
  Error cause{};
  json::object details{};  ///< a weak password: `description` {rules, verified} and `policy` as Auth0's sign-up answer has them
  DatabaseError(DatabaseErrc c, std::string m) : code(c), message(std::move(m)) {}
  DatabaseError(Error e) : code(DatabaseErrc::failed), message(e.message), cause(std::move(e)) {}  // NOLINT: TRY converts
};
template <class T>
using DatabaseResult = Result<T, DatabaseError>;

/// What a sign-up may carry, and nothing else (CWE-915).
struct SignUp {
  std::optional<std::string> email, username, phone_number;
  SecretString password;
  std::optional<std::string> given_name, family_name, name, nickname, picture;
  json::object user_metadata;
};

/// Users with passwords in our own database (strategy auth0): creation, password policy, password change. Checking a password is
/// sign_in/'s.
class DatabaseConnection {
 public:
  struct Parts {
    storage::Database& db;
    const model::UserStore& users;
    const model::TicketStore& tickets;
    const model::SessionStore& sessions;
    const model::RefreshTokenStore& refresh_tokens;
    crypto::PasswordHasher& hasher;
    crypto::Random& random;
    const Clock& clock;
    logs::EventLog& log;
    messaging::Messenger& messenger;
    const model::TenantStore* tenants = nullptr;         ///< with `leaked`: the tenant's settings
    const crypto::LeakedPasswords* leaked = nullptr;     ///< null: nothing is known to be
  };
  explicit DatabaseConnection(Parts parts) : parts_(parts) {}

  /// Creates a user by self-service (hosted page or /dbconnections/signup): policy, uniqueness, verification mail, `ss`/`fs` event.
  /// Blocks for a hash: sign_in lane. `event` is a prefilled event (request, client).
  [[nodiscard]] DatabaseResult<model::User> sign_up(const model::Tenant& tenant, const model::Connection& connection,
                                                    const model::Client* client, SignUp request, logs::Event event) const;
  /// The user that a sign-up without a password would make, with this id (behind auth0|), not stored. Errors: as sign_up().
  [[nodiscard]] DatabaseResult<model::User> check_sign_up(const model::Tenant& tenant, const model::Connection& connection,
                                                          const model::Client* client, const SignUp& request, std::string_view id) const;
  /// Stores it, together with what `also` stores for it to sign in with (a passkey): verification mail, `ss`/`fs` event. Errors: user_exists;
  /// failed, with what `also` returned in `cause`.
  using Also = std::function<Result<void>(storage::Transaction&, const model::User&)>;
  [[nodiscard]] DatabaseResult<model::User> sign_up_without_password(const model::Tenant& tenant, const model::Connection& connection,
                                                                     const model::Client* client, const model::User& user, const Also& also,
                                                                     logs::Event event) const;
  /// Sends the change-password mail if there is such a user; answers alike if there is none (`scpr`/`fcpr` event).
  [[nodiscard]] DatabaseResult<void> request_password_change(const model::Tenant& tenant, const model::Connection& connection,
                                                             const model::Client* client, std::string_view identifier,
                                                             logs::Event event) const;
  /// Redeems a change_password ticket: policy, history, new hash; ends the user's sessions and refresh tokens (`scp`/`fcp` event).
  [[nodiscard]] DatabaseResult<model::Ticket> change_password_with_ticket(const model::Tenant& tenant, const model::Connection& connection,
                                                                          std::string_view ticket_secret, std::string_view password,
                                                                          logs::Event event) const;
  /// Redeems a verify_email ticket (`sv`/`fv` event).
  [[nodiscard]] DatabaseResult<model::Ticket> verify_email_with_ticket(const model::Tenant& tenant, std::string_view ticket_secret,
                                                                       logs::Event event) const;

  /// The policy of the connection on a password for this user; nothing is stored. Also what the Management API asks.
  [[nodiscard]] DatabaseResult<void> check_password(const model::Connection& connection, std::string_view password, const model::User& user,
                                                    const model::PasswordCredential* current) const;
  /// How many earlier passwords of a user of this connection may not come back.
  [[nodiscard]] static size_t history_size(const model::Connection& connection);
  /// Makes and stores a verify_email ticket and queues its mail, in the caller's unit of work. `secret` from TicketStore::make_secret.
  Result<void> queue_verification(storage::Transaction& tx, const model::Tenant& tenant, const model::User& user, std::string_view secret,
                                  const model::Client* client,
                                  const model::Identity* account = nullptr) const;

 private:
  [[nodiscard]] Result<model::User> store(const model::Tenant& tenant, const model::Connection& connection, const model::Client* client,
                                          const model::User& user, const std::optional<model::PasswordCredential>& password, const Also& also,
                                          const logs::Event& event) const;
  /// The address a ticket was sent to is verified, if the account it is about still has it.
  Result<void> mark_verified(storage::Transaction& tx, const model::Ticket& ticket, model::User& user) const;
  /// What the tenant's breached-password shield says about a new password: at its `stage`, pre-user-registration or pre-change-password.
  /// Writes the event of this type when it is a leaked one. Errors: password_leaked.
  [[nodiscard]] DatabaseResult<void> check_leaks(const model::Tenant& tenant, std::string_view stage, std::string_view event_type,
                                                 std::string_view password, const logs::Event& event) const;
  Parts parts_;
};

}  // namespace gatehouse::connections
