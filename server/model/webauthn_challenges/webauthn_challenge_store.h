#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "storage/database.h"

namespace gatehouse::model {

/// A challenge that is about to be sent.
struct WebAuthnChallenge {
  TenantId tenant;
  std::string purpose;  ///< "login", "enroll", "mfa", …: an answer for one purpose is worth nothing for another
  std::string subject;  ///< who may answer: the id of a login in progress, a digest of an auth_session, a method
  std::string bytes;    ///< webauthn::kChallengeBytes of them
  json::object data{};  ///< comes back with it; holds no secret
};

/// Challenges of WebAuthn ceremonies: single use, bound to what they were made for.
class WebAuthnChallengeStore {
 public:
  static constexpr seconds kLifetime{300};

  /// Replaces the one before it.
  Result<void> issue(storage::Transaction& tx, const WebAuthnChallenge& challenge, Timestamp now) const;
  /// The data of a challenge that is still good: to look at the answer before the challenge is used up.
  [[nodiscard]] Result<std::optional<json::object>> outstanding(storage::Reader& reader, const TenantId& tenant, std::string_view purpose,
                                                                std::string_view subject, std::string_view bytes, Timestamp now) const;
  /// Uses it up. False when it was used before, replaced, is too old or another one's: of many who answer at once, one gets true.
  Result<bool> redeem(storage::Transaction& tx, const TenantId& tenant, std::string_view purpose, std::string_view subject,
                      std::string_view bytes, Timestamp now) const;
  Result<int64_t> remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const;
};

}  // namespace gatehouse::model
