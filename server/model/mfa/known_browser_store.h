#pragma once
#include <string_view>

#include "crypto/random.h"
#include "storage/database.h"

namespace gatehouse::model {

/// How long a browser needs no second factor after one was shown in it, if the person wants that: Auth0's thirty days.
inline constexpr std::chrono::hours kRememberedBrowserLifetime{30 * 24};
/// How long somebody who does not come back is known at a device.
inline constexpr std::chrono::hours kKnownDeviceLifetime{90 * 24};

/// Browsers a user has been seen at: those that carry a cookie by which they were remembered after a second factor, and (without one) the
/// devices that adaptive policies know.
class KnownBrowserStore {
 public:
  static std::string make_cookie(crypto::Random& random);  ///< 256 bits, base64url
  Result<void> remember(storage::Transaction& tx, const TenantId& tenant, const UserId& user, std::string_view cookie, Timestamp now) const;
  [[nodiscard]] Result<bool> is_remembered(storage::Reader& reader, const TenantId& tenant, const UserId& user, std::string_view cookie,
                                           Timestamp now) const;
  /// When a user's factors are reset or fewer.
  Result<int64_t> forget(storage::Transaction& tx, const TenantId& tenant, const UserId& user) const;

  /// A browser and the network it is in, as one digest.
  static std::string device(std::string_view user_agent, std::string_view ip);
  [[nodiscard]] Result<bool> knows(storage::Reader& reader, const TenantId& tenant, const UserId& user, std::string_view device,
                                   Timestamp now) const;
  Result<void> saw(storage::Transaction& tx, const TenantId& tenant, const UserId& user, std::string_view device, Timestamp now) const;

  Result<int64_t> remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const;
};

}  // namespace gatehouse::model
