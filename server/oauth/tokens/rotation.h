#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "model/clients/client.h"
#include "model/keys/key_ring.h"
#include "model/refresh_tokens/refresh_token_store.h"
#include "oauth/oauth_error.h"

namespace gatehouse::oauth {

/// A refresh token taken apart, its MAC checked: it was made here, for this family and generation. Whether the family still lives is
/// the database's to say.
struct RefreshTokenText {
  std::string family;
  int64_t generation = 0;
};

/// The text of refresh tokens (DESIGN.md §5): key id · family · generation · HMAC-SHA-256(tenant key, family ‖ generation). Nothing
/// secret is stored; a token is recomputed from its row.
class RefreshTokenTexts {
 public:
  explicit RefreshTokenTexts(const model::KeyRing& keys) : keys_(keys) {}
  [[nodiscard]] Result<std::string> make(const TenantId& tenant, std::string_view family, int64_t generation) const;
  /// nullopt: not one of ours. Takes the same time for every wrong MAC.
  [[nodiscard]] Result<std::optional<RefreshTokenText>> read(const TenantId& tenant, std::string_view token) const;

 private:
  const model::KeyRing& keys_;
};

/// When a token that is used or made at `now` falls idle; nullopt: never. Never later than the family's absolute end.
std::optional<Timestamp> idle_end(const model::RefreshTokenPolicy& policy, std::optional<Timestamp> absolute_end, Timestamp now);
/// When a family made at `now` ends whatever happens; nullopt: never. Rotation does not move it.
std::optional<Timestamp> absolute_end(const model::RefreshTokenPolicy& policy, Timestamp now);

/// What the presented generation means for a live family.
enum class Presented {
  current,   ///< answer, and rotate where the client's tokens rotate
  previous,  ///< inside the leeway: the current token is given again
  spent,     ///< reuse: the family dies
};
Presented presented(const model::RefreshTokenFamily& family, const model::RefreshTokenPolicy& policy, int64_t generation, Timestamp now);

}  // namespace gatehouse::oauth
