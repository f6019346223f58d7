#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/sealing.h"
#include "messaging/messenger.h"
#include "mfa/due.h"
#include "mfa/factor.h"
#include "mfa/proof.h"
#include "mfa/settings.h"
#include "model/mfa/known_browser_store.h"
#include "model/rate_buckets/rate_bucket_store.h"

namespace gatehouse::mfa {

/// Second factors: who needs one, which there are, enrolling, challenging, verifying. Everything but due() with no policy blocks for the
/// database; messages are sent by jobs.
class Mfa {
 public:
  struct Parts {
    storage::Database& db;
    const model::TenantStore& tenants;
    messaging::Messenger& messenger;
    const crypto::Sealer& sealer;
    crypto::Random& random;
    const Clock& clock;
    logs::EventLog& log;
  };
  explicit Mfa(Parts parts);
  ~Mfa();
  Mfa(const Mfa&) = delete;
  Mfa& operator=(const Mfa&) = delete;

  /// Wrong answers of one user, whatever the login, tab, token or factor: ten at once, then one every six minutes (Auth0's figures).
  static constexpr model::BucketSize kWrongAnswers{10, std::chrono::minutes(6)};

  /// Whether a second factor is due. Reads cached policies; the database only where a policy (or `step_up`) asks for one.
  [[nodiscard]] Result<Due> due(const Question& question) const;
  /// Whether logins are noted: an adaptive policy is on.
  [[nodiscard]] Result<bool> notes_logins(const TenantId& tenant) const;
  /// Notes where somebody signed in, for adaptive policies: part of the unit of work in which the login takes effect.
  Result<void> note_login(storage::Transaction& tx, const TenantId& tenant, const UserId& user, std::string_view user_agent,
                          std::string_view ip) const;

  /// What a user can be asked for and may enrol.
  struct Available {
    std::vector<model::AuthenticationMethod> methods;  ///< that can be used now, the last used first; recovery code last
    std::vector<model::AuthenticationMethod> waiting;  ///< for their confirmation
    std::vector<std::string> enrollable;               ///< types, in the order in which they are offered
    bool enrolled = false;                             ///< has a factor that was enrolled: another one is enrolled only after showing it
    [[nodiscard]] const model::AuthenticationMethod* of_type(std::string_view type) const;
    [[nodiscard]] const model::AuthenticationMethod* find(std::string_view id) const;
  };
  [[nodiscard]] Result<Available> available(const model::Tenant& tenant, const model::User& user) const;
  /// Switches and policies of a tenant, cached.
  [[nodiscard]] Result<Settings> settings(const TenantId& tenant) const;

  /// A new method, unconfirmed; sends its code where the factor sends one. Errors: invalid_argument (phone number, address, factor off,
  /// too many methods), unique_violation (already enrolled: show that factor first), overloaded (too many messages).
  [[nodiscard]] Result<Enrolment> begin_enrolment(const Person& person, const EnrolmentRequest& request) const;
  /// What begin_enrolment() showed, for a page that is shown again; nullopt when it is confirmed or gone. Sends nothing.
  [[nodiscard]] Result<std::optional<Enrolment>> enrolment(const Person& person, std::string_view method_id) const;
  /// Challenges a method that is in use, or again one that is being enrolled. Errors: not_found.
  [[nodiscard]] Result<Challenge> challenge(const Person& person, std::string_view method_id, bool voice = false) const;

  struct Verification {
    Outcome outcome = Outcome::wrong;
    std::optional<Proof> proof{};      ///< when right
    SecretString new_recovery_code{};  ///< when a recovery code was used up: the next one, to be shown once
    bool confirmed_enrolment = false;
    [[nodiscard]] bool right() const { return outcome == Outcome::right; }
  };
  /// Judges an answer to a method, counted before it is looked at; a right one confirms a method that is being enrolled.
  [[nodiscard]] Result<Verification> verify(const Person& person, std::string_view method_id, const Answer& answer) const;
  /// The same for a code that may be of any of the user's methods of a type (a typed TOTP or recovery code).
  [[nodiscard]] Result<Verification> verify_any(const Person& person, std::string_view type, const Answer& answer) const;

  /// Whether a recovery code is to be shown now: the factor is on and the user has none.
  [[nodiscard]] Result<bool> recovery_code_due(const model::Tenant& tenant, const UserId& user) const;
  /// Makes a recovery code in the place of any before; returned once.
  [[nodiscard]] Result<SecretString> replace_recovery_code(const Person& person) const;

  /// From now on this browser needs no second factor for a while: the value of model::kRememberedBrowserCookie.
  [[nodiscard]] Result<SecretString> remember_browser(const Person& person, const Proof& proof) const;

  /// Removes one method (event gd_unenroll); the last one takes recovery code and remembered browsers along. False when it is not the
  /// user's.
  Result<bool> remove(storage::Transaction& tx, const Person& person, std::string_view method_id) const;
  /// An administrator's reset: every second factor, recovery code and remembered browser. Passkeys stay. Returns how many methods went.
  Result<int64_t> reset(storage::Transaction& tx, const Person& person) const;

  [[nodiscard]] const Factor* factor_of_type(std::string_view type) const;

 private:
  [[nodiscard]] bool usable(const Settings& settings, const model::AuthenticationMethod& method) const;
  [[nodiscard]] Result<Available> available(storage::Reader& reader, const Settings& settings, const model::Tenant& tenant,
                                            const model::User& user) const;
  [[nodiscard]] Result<std::optional<model::AuthenticationMethod>> find(storage::Reader& reader, const Settings& settings,
                                                                        const Person& person, std::string_view method_id) const;
  [[nodiscard]] logs::Event event(const Person& person, std::string_view type, std::string_view description,
                                  const model::AuthenticationMethod* method = nullptr) const;
  /// Whether an enrolment of this person would stand beside nothing: no factor enrolled, or one was shown.
  [[nodiscard]] Result<bool> may_enrol(storage::Reader& reader, const Settings& settings, const Person& person) const;
  [[nodiscard]] Result<Verification> judge(const Settings& settings, const Person& person,
                                           const std::vector<model::AuthenticationMethod>& methods, const Answer& answer) const;
  [[nodiscard]] model::AuthenticationMethod new_method(const Person& person, std::string_view type, Timestamp now) const;
  /// In the place of those that are there; of those that wait only, when it waits itself.
  Result<void> store_recovery_code(storage::Transaction& tx, const model::AuthenticationMethod& method) const;
  Result<void> confirm(storage::Transaction& tx, const Person& person, const model::AuthenticationMethod& method, Timestamp now) const;

  Parts parts_;
  model::AuthenticationMethodStore methods_;
  model::KnownBrowserStore browsers_;
  model::RateBucketStore buckets_;
  std::vector<std::unique_ptr<const Factor>> factors_;
};

}  // namespace gatehouse::mfa
