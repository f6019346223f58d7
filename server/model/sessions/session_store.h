#pragma once
#include <optional>
#include <string>
#include <vector>

#include "storage/database.h"

namespace gatehouse::model {

/// The single-sign-on session of a browser. Only sign_in/ makes one (tools/check_includes.py looks).
struct Session {
  SessionId id;  ///< public: `sid` in tokens
  TenantId tenant;
  UserId user;
  std::string connection;
  Timestamp authenticated_at{};  ///< auth_time
  Timestamp created_at{};
  Timestamp last_used_at{};
  Timestamp idle_expires_at{};
  Timestamp expires_at{};
  std::vector<std::string> amr;      ///< RFC 8176, e.g. pwd
  std::vector<std::string> clients;  ///< client ids that it signs somebody in to
  std::string ip;
  std::string user_agent;
};

/// Name of the session cookie. Its value is 256 random bits; the row keeps their SHA-256.
inline constexpr std::string_view kSessionCookie = "__Host-gatehouse_session";

/// Sessions by cookie and by id. Never cached: deleting one acts at once.
class SessionStore {
 public:
  explicit SessionStore(storage::Database& db);
  /// The live session of a cookie value; nullopt when unknown or expired.
  [[nodiscard]] Result<std::optional<Session>> find_by_secret(storage::Reader& reader, const TenantId& tenant,
                                                              std::string_view cookie_value, Timestamp now) const;
  [[nodiscard]] Result<std::optional<Session>> find_by_secret(const TenantId& tenant, std::string_view cookie_value, Timestamp now) const;
  [[nodiscard]] Result<std::optional<Session>> find(storage::Reader& reader, const TenantId& tenant, const SessionId& id,
                                                    Timestamp now) const;
  /// Notes that `client` used it and moves the idle end (at most the absolute one). `session` was read in the same unit of work. A use
  /// within a minute (and a sixtieth of the idle lifetime) of the last one tells nothing new and writes nothing: a login uses its session
  /// three times in a row.
  Result<void> touch(storage::Transaction& tx, const Session& session, const ClientId& client, seconds idle_lifetime, Timestamp now) const;
  Result<bool> remove(storage::Transaction& tx, const TenantId& tenant, const SessionId& id) const;
  /// Ends all sessions of a user (password change, block, deletion); `except` may stay.
  Result<int64_t> remove_all(storage::Transaction& tx, const TenantId& tenant, const UserId& user,
                             const std::optional<SessionId>& except = std::nullopt) const;
  Result<int64_t> remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const;
  static std::string digest(std::string_view cookie_value);  ///< SHA-256, hex

 private:
  storage::Database& db_;
};

}  // namespace gatehouse::model
