#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "messaging/messenger.h"
#include "logs/event.h"
#include "model/tenants/tenant_store.h"
#include "storage/database.h"

namespace gatehouse::attack_protection {

/// Brute-force protection and suspicious-IP throttling (security-requirements: attack protection), with Auth0's settings
/// documents attack_protection/brute_force_protection and …/suspicious_ip_throttling. One counter for all endpoints; counted before the hash.
class AttackProtection {
 public:
  AttackProtection(storage::Database& db, const model::TenantStore& tenants, messaging::Messenger& messenger, crypto::Random& random, const Clock& clock);

  enum class Verdict { allowed, too_many_attempts, ip_throttled };
  /// Takes one attempt on (identifier, ip) and on ip before the password is looked at; settle() gives it back after a success.
  [[nodiscard]] Result<Verdict> begin(const TenantId& tenant, bool connection_protects, std::string_view identifier, std::string_view ip);
  /// The password fitted: clears the failures of (identifier, ip) and gives the address its attempt back.
  Result<void> succeeded(const TenantId& tenant, std::string_view identifier, std::string_view ip);
  /// It did not: when this was the failure that blocks, the unblock mail is queued (user known) and true returned.
  [[nodiscard]] Result<bool> failed(const model::Tenant& tenant, std::string_view identifier, const std::optional<UserId>& user, const std::optional<std::string>& email, std::string_view ip);
  /// Sign-ups by address: 50 a minute.
  [[nodiscard]] Result<Verdict> sign_up(const TenantId& tenant, std::string_view ip);

  struct Block { std::string identifier; std::string ip; };
  [[nodiscard]] Result<std::vector<Block>> blocks(storage::Reader& reader, const TenantId& tenant, const std::vector<std::string>& identifiers) const;
  Result<void> unblock(storage::Transaction& tx, const TenantId& tenant, const std::vector<std::string>& identifiers, std::optional<std::string_view> ip = std::nullopt) const;
};

}  // namespace gatehouse::attack_protection
