#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "crypto/leaked_passwords.h"
#include "crypto/random.h"
#include "logs/event.h"
#include "messaging/messenger.h"
#include "model/login_failures/login_failure_store.h"
#include "model/rate_buckets/rate_bucket_store.h"
#include "model/tenants/tenant_store.h"
#include "model/tickets/ticket_store.h"
#include "model/users/user.h"
#include "storage/database.h"

namespace gatehouse::attack_protection {

/// What breached-password detection needs; without it, it finds nothing.
struct Leaks {
  const crypto::LeakedPasswords* passwords = nullptr;
  logs::EventLog* log = nullptr;
};

/// Brute-force protection and suspicious-IP throttling (security-requirements: attack protection), with Auth0's settings
/// documents attack_protection/brute_force_protection and …/suspicious_ip_throttling. One counter for all endpoints; counted before the hash.
class AttackProtection {
 public:
  AttackProtection(storage::Database& db, const model::TenantStore& tenants, messaging::Messenger& messenger, crypto::Random& random,
                   const Clock& clock, Leaks leaks = {});

  enum class Verdict { allowed, too_many_attempts, ip_throttled, same_user_throttled };
  /// One attempt as begin() counted it: what has to be given back when it was none.
  struct CountedAttempt {
    Verdict verdict = Verdict::allowed;
    TenantId tenant{};
    std::string identifier{};
    std::string ip{};
    std::optional<std::string> failures_of{};       ///< a failure was counted: of this address, or (empty) of all together
    std::optional<model::BucketSize> of_address{};  ///< throttling counts this address, in a bucket of this size
  };
  /// Takes one attempt on (identifier, ip) and on ip before the password is looked at; succeeded() gives it back. `identifier` is
  /// normalised: every spelling of it and every endpoint share one counter. Blocks for one unit of work.
  [[nodiscard]] Result<CountedAttempt> begin(const TenantId& tenant, bool connection_protects, std::string_view identifier, std::string_view ip);
  /// The password fitted: clears the failures of (identifier, ip) and gives the address its attempt back. Part of the unit of work in
  /// which the login takes effect.
  Result<void> succeeded(storage::Transaction& tx, const CountedAttempt& attempt) const;
  /// Nobody looked at the password (overload, storage): the attempt is forgotten.
  Result<void> withdrawn(const CountedAttempt& attempt) const;
  /// It did not: when this was the failure that blocks, the unblock mail is queued (user known) and true returned.
  [[nodiscard]] Result<bool> failed(const model::Tenant& tenant, std::string_view identifier, const std::optional<UserId>& user,
                                    const std::optional<std::string>& email, std::string_view ip);
  /// Sign-ups by address: 50 a minute.
  [[nodiscard]] Result<Verdict> sign_up(const TenantId& tenant, std::string_view ip);
  /// Requests for a change-password mail by address and identifier: 10, then one a minute.
  [[nodiscard]] Result<Verdict> password_change(const TenantId& tenant, std::string_view identifier, std::string_view ip);

  /// The password that just fitted, looked up among those known from breaches, as the tenant wants it: writes `pwd_leak`, tells the user
  /// by mail (once a day), and says whether to refuse the login. False without a file. Blocks for a few reads.
  [[nodiscard]] Result<bool> refuses_leaked(const model::Tenant& tenant, const model::User& user, std::string_view password,
                                            const logs::Event& event);

  /// What a CAPTCHA may stand before (bot detection has a policy for each).
  enum class Guarded { password, passwordless, password_reset };
  /// Whether whoever comes from this address has to show first that they are a person. `identifier` is normalised; empty: not known yet.
  [[nodiscard]] Result<bool> wants_captcha(const TenantId& tenant, Guarded guarded, std::string_view identifier, std::string_view ip) const;

  /// Whether so many logins from this address failed lately that one from there is doubtful: adaptive policies then want a second factor.
  /// Blocks for a read.
  [[nodiscard]] Result<bool> is_untrusted(const TenantId& tenant, std::string_view ip) const;
  /// Whether suspicious-IP throttling refuses this address now.
  [[nodiscard]] Result<bool> address_blocked(storage::Reader& reader, const TenantId& tenant, std::string_view ip) const;
  Result<void> unblock_address(storage::Transaction& tx, const TenantId& tenant, std::string_view ip) const;

  /// Whether brute-force protection is on and blocks, so that blocks() have an effect.
  [[nodiscard]] Result<bool> blocks_logins(storage::Reader& reader, const TenantId& tenant) const;
  struct Block {
    std::string identifier;
    std::string ip;
  };
  [[nodiscard]] Result<std::vector<Block>> blocks(storage::Reader& reader, const TenantId& tenant,
                                                  const std::vector<std::string>& identifiers) const;
  Result<void> unblock(storage::Transaction& tx, const TenantId& tenant, const std::vector<std::string>& identifiers,
                       std::optional<std::string_view> ip = std::nullopt) const;

 private:
  storage::Database& db_;
  const model::TenantStore& tenants_;
  messaging::Messenger& messenger_;
  crypto::Random& random_;
  const Clock& clock_;
  Leaks leaks_;
  model::TicketStore tickets_;
  model::LoginFailureStore failures_;
  model::RateBucketStore buckets_;
};

}  // namespace gatehouse::attack_protection
