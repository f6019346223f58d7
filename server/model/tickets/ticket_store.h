#pragma once
#include <optional>
#include <string>

#include "base/json.h"
#include "crypto/random.h"
#include "storage/database.h"

namespace gatehouse::model {

/// How long a link works unless somebody says otherwise: Auth0's five days.
inline constexpr seconds kTicketLifetime{432'000};

/// A link sent by mail or made by /api/v2/tickets: verify_email, change_password, unblock. Single use; a newer ticket of the same
/// kind for the same user voids the older ones.
struct Ticket {
  std::string kind;
  TenantId tenant;
  UserId user;
  json::object data;  ///< result_url, client_id, email it was sent to, mark_email_as_verified, ip (unblock), …
  Timestamp created_at{};
  Timestamp expires_at{};
};

class TicketStore {
 public:
  static std::string make_secret(crypto::Random& random);  ///< 256 bits, base64url: the `ticket` of the link
  Result<void> insert(storage::Transaction& tx, std::string_view secret, const Ticket& ticket) const;
  enum class State { valid, used, expired, unknown };
  struct Found {
    State state = State::unknown;
    std::optional<Ticket> ticket;
  };
  [[nodiscard]] Result<Found> find(storage::Reader& reader, const TenantId& tenant, std::string_view kind, std::string_view secret,
                                   Timestamp now) const;
  /// Keeps what its pages learnt in `data`.
  Result<void> keep(storage::Transaction& tx, const TenantId& tenant, std::string_view secret, const json::object& data) const;
  /// Marks it used; false when somebody was quicker (one statement).
  Result<bool> consume(storage::Transaction& tx, const TenantId& tenant, std::string_view kind, std::string_view secret,
                       Timestamp now) const;
  Result<int64_t> remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const;
};

}  // namespace gatehouse::model
