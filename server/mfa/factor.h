#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/secret_string.h"
#include "logs/event.h"
#include "model/authentication_methods/authentication_method_store.h"
#include "model/clients/client.h"
#include "model/tenants/tenant_store.h"
#include "model/users/user.h"

namespace gatehouse::mfa {

/// Whose second factor it is about, and in which login.
struct Person {
  const model::Tenant& tenant;
  const model::User& user;
  const model::Client* client = nullptr;
  std::string login;     ///< id of the login, mfa_token or ticket that this is part of: codes that are sent work only there
  logs::Event event;     ///< prefilled from the request; type, user and texts are set here
  std::string language;  ///< of messages; empty: the tenant's
  bool proved = false;   ///< has shown a second factor in this login, or holds an administrator's ticket: may enrol another one
};

/// What somebody wants to enrol.
struct EnrolmentRequest {
  std::string type;          ///< model::method_type::…
  std::string phone_number;  ///< phone: as typed, international
  std::string email;         ///< email; empty: the user's own address
  bool voice = false;        ///< phone: a call instead of a text message
  std::string name;
  bool with_recovery_code = false;  ///< make a recovery code at once if there is none (the MFA API), which counts once this is confirmed
};

/// What is shown once: enough to confirm with verify().
struct Enrolment {
  model::AuthenticationMethod method;  ///< stored, unconfirmed
  SecretString secret{};               ///< totp: base32, for those who type
  std::string otpauth_uri{};           ///< totp
  std::string qr_svg{};                ///< totp: the URI as a QR code
  json::object options{};              ///< WebAuthn: publicKey options for navigator.credentials.create()
  json::object state{};                ///< to be kept with the login and given back in Answer::state
  SecretString recovery_code{};        ///< empty: none was made
};

/// A challenge that is out.
struct Challenge {
  std::string method;          ///< id of the authentication method
  std::string channel{};       ///< sms, voice, email; empty: nothing was sent
  json::object options{};      ///< WebAuthn: publicKey options for navigator.credentials.get()
  json::object state{};        ///< to be kept with the login and given back in Answer::state
  bool sent_too_many = false;  ///< messages to this recipient: nothing was sent, earlier codes are good as long as they are
};

/// What somebody answers.
struct Answer {
  std::string code{};         ///< as typed
  json::object credential{};  ///< WebAuthn: what the browser's credential says
  json::object state{};       ///< of the Enrolment or Challenge
};

/// How an answer was judged.
enum class Outcome {
  right,
  wrong,      ///< or used before, or of nothing that is out
  expired,    ///< a code that was right once
  too_many,   ///< wrong answers: of this code (a new one helps) or of this user (only time does)
  forbidden,  ///< an enrolment that needs a factor shown first
};

/// What a factor found in an answer before the database is asked.
struct Evidence {
  bool fits = false;                                      ///< as far as it can be told
  int64_t counter = 0;                                    ///< totp: the time step; WebAuthn: the signature counter
  std::string digest{};                                   ///< recovery code: of what was typed
  std::string successor{};                                ///< recovery code: the next one, in clear
  std::optional<model::WebAuthnCredential> credential{};  ///< of an enrolment, or as it stands after use
  json::object data{};
};

/// One kind of second factor. Stateless; one object serves all tenants.
class Factor {
 public:
  virtual ~Factor() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;  ///< of its switch: sms, otp, email, webauthn-roaming, …
  [[nodiscard]] virtual std::string_view type() const = 0;  ///< of its methods
  /// RFC 8176's words for what it proves, beside mfa.
  [[nodiscard]] virtual std::vector<std::string_view> amr() const = 0;
  /// Whether it stands beside a password by itself; a mailbox and a recovery code do not.
  [[nodiscard]] virtual bool is_independent() const { return true; }

  /// Fills in a new method and what is shown of it. No database. Errors: invalid_argument (what was typed).
  virtual Result<void> prepare(const Person& person, const EnrolmentRequest& request, Enrolment& enrolment, Timestamp now) const = 0;
  /// Fills in again what prepare() showed of `enrolment.method`.
  virtual Result<void> show_again(const Person&, Enrolment&) const { return {}; }
  /// What is to be sent or shown for `challenge.method`, outside a unit of work. `code` is made when one is sent.
  struct Outgoing {
    std::string code{};
    bool voice = false;
  };
  virtual Result<Outgoing> prepare_challenge(const Person&, const model::AuthenticationMethod&, bool /*voice*/, Challenge&) const {
    return Outgoing{};
  }
  /// Sends it, inside a unit of work. `enrolling`: it confirms a new method.
  virtual Result<void> send(storage::Transaction&, const Person&, const model::AuthenticationMethod&, const Outgoing&, bool /*enrolling*/,
                            Challenge&, Timestamp) const {
    return {};
  }
  /// Looks at an answer outside a unit of work: everything that costs time.
  virtual Result<Evidence> examine(const Person& person, const model::AuthenticationMethod& method, const Answer& answer,
                                   Timestamp now) const = 0;
  /// Judges it inside one: single use is decided here, and what changes in the method is written.
  virtual Result<Outcome> settle(storage::Transaction& tx, const Person& person, model::AuthenticationMethod& method,
                                 const Evidence& evidence, const Answer& answer, Timestamp now) const = 0;
};

}  // namespace gatehouse::mfa
