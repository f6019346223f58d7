#pragma once
#include <optional>
#include <string>
#include <vector>

#include "storage/database.h"

namespace gatehouse::model {

/// Failed logins by (identifier, address): what brute-force protection counts. Attempts are counted before the password is
/// looked at and taken back when it fits, so that parallel guesses do not outrun the counter (CVE-2023-47111).
class LoginFailureStore {
 public:
  /// How long failures count: from the last one.
  static constexpr std::chrono::hours kLifetime{30 * 24};

  /// Counts one attempt unless `limit` failures are there already: one statement. False: blocked.
  Result<bool> count(storage::Transaction& tx, const TenantId& tenant, std::string_view identifier, std::string_view ip, int64_t limit,
                     Timestamp now) const;
  /// Failures counted so far; 0 when none or expired.
  [[nodiscard]] Result<int64_t> failures(storage::Reader& reader, const TenantId& tenant, std::string_view identifier, std::string_view ip,
                                         Timestamp now) const;
  /// Notes that the user is told of this block, unless that was done within the last hour: true for exactly one caller.
  Result<bool> claim_notification(storage::Transaction& tx, const TenantId& tenant, std::string_view identifier, std::string_view ip,
                                  Timestamp now) const;
  /// Takes one counted attempt back: the password was not looked at after all.
  Result<void> give_back(storage::Transaction& tx, const TenantId& tenant, std::string_view identifier, std::string_view ip) const;
  /// The person got in: nothing is held against them any more from this address, nor (lockout mode) from all together.
  Result<void> forgive(storage::Transaction& tx, const TenantId& tenant, std::string_view identifier, std::string_view ip) const;
  Result<void> clear(storage::Transaction& tx, const TenantId& tenant, std::string_view identifier, std::string_view ip) const;
  /// Everything counted against these identifiers, from whatever address (unblock, password change).
  Result<void> clear_all(storage::Transaction& tx, const TenantId& tenant, const std::vector<std::string>& identifiers) const;

  struct Entry {
    std::string identifier;
    std::string ip;
    int64_t failures = 0;
  };
  [[nodiscard]] Result<std::vector<Entry>> list(storage::Reader& reader, const TenantId& tenant, std::string_view identifier,
                                                int64_t at_least, Timestamp now) const;
  Result<int64_t> remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const;
};

}  // namespace gatehouse::model
