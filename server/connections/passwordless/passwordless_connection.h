#pragma once
#include <optional>
#include <string>

#include "logs/event.h"
#include "messaging/messenger.h"
#include "model/clients/client.h"
#include "model/connections/connection.h"
#include "model/one_time_codes/one_time_code_store.h"
#include "model/tenants/tenant_store.h"
#include "model/users/user_store.h"

namespace gatehouse::connections {

enum class PasswordlessErrc {
  invalid_address,    ///< no mail address or phone number
  signup_disabled,    ///< nobody has this address, and the connection takes no new users
  too_many_messages,  ///< to this address, or from this network: nothing was sent
  wrong_code,
  code_over,  ///< expired, used, replaced, or three wrong tries: a new one is needed
  failed,     ///< storage
};
struct PasswordlessError {
  PasswordlessErrc code = PasswordlessErrc::failed;
  Error cause{};
  PasswordlessError(PasswordlessErrc c) : code(c) {}                 // NOLINT
  PasswordlessError(Error e) : cause(std::move(e)) {}                // NOLINT: TRY converts what stores return
};
template <class T>
using PasswordlessResult = Result<T, PasswordlessError>;

/// Proof that somebody read a code sent to an address of theirs. Only PasswordlessConnection makes one.
class PasswordlessProof {
 public:
  [[nodiscard]] const UserId& user() const { return user_; }
  [[nodiscard]] const std::string& connection() const { return connection_; }
  [[nodiscard]] Timestamp at() const { return at_; }

 private:
  friend class PasswordlessConnection;
  PasswordlessProof(UserId user, std::string connection, Timestamp at)
      : user_(std::move(user)), connection_(std::move(connection)), at_(at) {}
  UserId user_;
  std::string connection_;
  Timestamp at_;
};

/// Connections of strategy `email` and `sms`: a code or link is sent to an address, and whoever brings it back is the address's user, made
/// at the first time. One user a connection and address. Database connections with the methods `email_otp` and `phone_otp` send codes, too, but
/// only to users they have.
class PasswordlessConnection {
 public:
  struct Parts {
    storage::Database& db;
    const model::UserStore& users;
    const model::OneTimeCodeStore& codes;
    crypto::Random& random;
    const Clock& clock;
    logs::EventLog& log;
    messaging::Messenger& messenger;
  };
  explicit PasswordlessConnection(Parts parts) : parts_(parts) {}

  static bool is_passwordless(const model::Connection& connection);  ///< strategy email or sms
  /// The same, or a database connection whose users may sign in with a code.
  static bool sends_codes(const model::Connection& connection);
  /// Whether a code is what a login of this database connection begins with for who typed this: the identifier's default_method, or no
  /// password.
  static bool begins_with_code(const model::Connection& connection, std::string_view typed);
  /// What was typed, as the address of this connection to which a code can go; nullopt when it cannot be one.
  static std::optional<std::string> address_of(const model::Connection& connection, std::string_view typed);

  /// What is kept of a link's secret while a login that it began goes on, and is judged: worth nothing to who reads the database.
  static std::string link_digest(std::string_view secret);

  struct Start {
    const model::Tenant& tenant;
    const model::Connection& connection;
    const model::Client& client;
    std::string address{};       ///< as typed
    bool link = false;           ///< a link instead of a code; by mail only
    json::object auth_params{};  ///< of the link: scope, state, redirect_uri, …; texts
    std::string browser{};       ///< digest of the only browser in which the link works; empty: in any
    std::string language{};      ///< of the message; empty: the tenant's default
    logs::Event event{};         ///< of the request; type and texts are set here
  };
  struct Sent {
    std::string address;  ///< normalised
    std::string id;       ///< the same each time, whether there is such a user or not
  };
  /// Whether a code to this address goes by phone.
  static bool goes_by_phone(const model::Connection& connection, std::string_view address);
  /// Sends a code (cls, cs), which replaces the one before. Errors: invalid_address, signup_disabled, too_many_messages, failed.
  [[nodiscard]] PasswordlessResult<Sent> start(const Start& start) const;

  struct Redeem {
    const model::Tenant& tenant;
    const model::Connection& connection;
    const model::Client& client;
    std::string address{};  ///< as typed
    std::string code{};     ///< as typed; of a link, link_digest() of its secret
    bool link = false;      ///< a link's, not a code
    std::string browser{};  ///< digest of the browser that brings a link
    logs::Event event{};    ///< of the request, for the sign-up of a new user (ss)
  };
  struct Redeemed {
    model::User user;
    PasswordlessProof proof;
  };
  /// Judges a code. When it is right, the user is made or its address marked as verified, in the same unit of work. The caller counts
  /// attempts first (sign_in/). Errors: invalid_address, wrong_code, code_over, signup_disabled, failed.
  [[nodiscard]] PasswordlessResult<Redeemed> redeem(const Redeem& redeem) const;

 private:
  [[nodiscard]] Result<std::optional<model::User>> find(storage::Reader& reader, const TenantId& tenant, const model::Connection& connection,
                                                        const std::string& address) const;
  Result<void> send(storage::Transaction& tx, const Start& start, const std::string& address, const std::string& code) const;
  Parts parts_;
};

}  // namespace gatehouse::connections
