#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "storage/database.h"

namespace gatehouse::model {

/// What an authorization code stands for (RFC 6749 §4.1.2). The row stays after use until it expires, so that a replay is seen.
struct AuthorizationCode {
  std::string digest;  ///< SHA-256 of the code, hex
  TenantId tenant;
  ClientId client;
  UserId user;
  std::optional<SessionId> session;
  std::string redirect_uri;           ///< empty when the request had none
  std::string code_challenge;         ///< empty: no PKCE
  std::string code_challenge_method;  ///< S256 or plain
  std::string nonce;
  std::string audience;             ///< empty: none asked
  std::vector<std::string> scopes;  ///< granted
  Timestamp authenticated_at{};
  bool max_age_asked = false;  ///< auth_time is due in the ID token
  std::vector<std::string> amr;
  std::string connection;
  std::string refresh_family;  ///< what it gave, for revocation on replay
  Timestamp expires_at{};
  std::optional<Timestamp> used_at;
};

class AuthorizationCodeStore {
 public:
  static std::string digest(std::string_view code);  ///< SHA-256, hex
  Result<void> insert(storage::Transaction& tx, const AuthorizationCode& code) const;
  [[nodiscard]] Result<std::optional<AuthorizationCode>> find(storage::Reader& reader, const TenantId& tenant,
                                                              std::string_view digest) const;
  /// One statement: true for exactly one caller (UPDATE … SET used_at WHERE used_at IS NULL RETURNING).
  Result<bool> redeem(storage::Transaction& tx, const AuthorizationCode& code, std::string_view refresh_family, Timestamp now) const;
  Result<int64_t> remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const;
};

}  // namespace gatehouse::model
