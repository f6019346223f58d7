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

/// An identifier whose owner has to prove it by a code.
enum class ProvedIdentifier { email, phone_number };

/// What this user of a database connection still has to prove before a login goes on: `attributes` of the connection with verification at
/// sign-up switched on (for mail addresses with verification_method `otp`; with `link` a mail is sent and nobody waits). Nullopt: nothing.
std::optional<ProvedIdentifier> identifier_to_prove(const model::Connection& connection, const model::User& user);

/// Codes that prove a database user's mail address or phone number.
class IdentifierCodes {
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
  explicit IdentifierCodes(Parts parts) : parts_(parts) {}

  struct Send {
    const model::Tenant& tenant;
    const model::Client* client = nullptr;
    const model::User& user;
    ProvedIdentifier identifier;
    bool voice = false;      ///< say it in a call
    std::string language{};  ///< empty: the tenant's default
    logs::Event event{};     ///< of the request
  };
  /// Sends a code (verify_email_by_code, otp_verify), which replaces the one before. False: too many were sent, this one was not.
  [[nodiscard]] Result<bool> send(const Send& send) const;
  /// Judges a code; when it is right, the identifier is marked as verified (sv) in the same unit of work. A code proves the address it was
  /// sent to: when the user has another one meanwhile, there is `none`.
  [[nodiscard]] Result<model::RedeemedCode::Outcome> verify(const model::Tenant& tenant, const UserId& user, ProvedIdentifier identifier,
                                                            std::string_view code, const logs::Event& event) const;

 private:
  Parts parts_;
};

}  // namespace gatehouse::connections
