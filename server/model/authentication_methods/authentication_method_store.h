#pragma once
#include <optional>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "model/authentication_methods/authentication_method.h"
#include "storage/database.h"

namespace gatehouse::model {

/// How long an enrolment may wait for its first code.
inline constexpr seconds kEnrolmentLifetime{3'600};
/// Methods of one user, confirmed or not: beyond that, nothing more is enrolled.
inline constexpr size_t kMaxMethods = 30;

/// Authentication methods by user, by id, by WebAuthn credential. Never cached: a removed one is gone at once.
class AuthenticationMethodStore {
 public:
  /// `type|dev_` and 16 random letters and digits.
  static std::string make_id(std::string_view type, crypto::Random& random);
  /// What a sealed `secret` is bound to.
  static std::string secret_context(const TenantId& tenant, std::string_view id);

  /// Errors: unique_violation (the WebAuthn credential is registered already), invalid_argument (kMaxMethods are there).
  Result<void> insert(storage::Transaction& tx, const AuthenticationMethod& method) const;
  /// nullopt when unknown, or never confirmed and too old.
  [[nodiscard]] Result<std::optional<AuthenticationMethod>> find(storage::Reader& reader, const TenantId& tenant, std::string_view id,
                                                                 Timestamp now) const;
  [[nodiscard]] Result<std::optional<AuthenticationMethod>> find_by_credential(storage::Reader& reader, const TenantId& tenant,
                                                                               std::string_view credential_id, Timestamp now) const;
  /// All of a user's, oldest first; those that wait for their confirmation only if asked for.
  enum class Which { confirmed, all };
  [[nodiscard]] Result<std::vector<AuthenticationMethod>> list(storage::Reader& reader, const TenantId& tenant, const UserId& user,
                                                               Which which, Timestamp now) const;

  /// Writes everything anew but type, user, dates of creation and `counter`. False when it is gone.
  Result<bool> update(storage::Transaction& tx, const AuthenticationMethod& method) const;
  /// The first proof: from now on it counts. False when somebody was quicker, or it is gone (one statement).
  Result<bool> confirm(storage::Transaction& tx, const TenantId& tenant, std::string_view id, Timestamp now) const;
  /// Notes a use, and the counter it came with. False when the counter has not grown (one statement: a TOTP step works once, a
  /// signature counter that stands still tells of a cloned key). A counter of 0 says that the authenticator does not count: fine as long
  /// as it never did.
  Result<bool> advance(storage::Transaction& tx, const TenantId& tenant, std::string_view id, int64_t counter, Timestamp now) const;
  /// Notes a use of something that does not count.
  Result<bool> used(storage::Transaction& tx, const TenantId& tenant, std::string_view id, Timestamp now) const;
  /// A recovery code is used up and has a successor. False when it is not the code, or was used a moment ago (one statement).
  Result<bool> replace_digest(storage::Transaction& tx, const TenantId& tenant, std::string_view id, std::string_view digest,
                              std::string_view successor, Timestamp now) const;

  /// The passkeys of an account (`own_id`, the part of a user's id after the bar) go with it when it is linked or unlinked, as its password does.
  Result<void> move_passkeys(storage::Transaction& tx, const TenantId& tenant, const UserId& from, const UserId& to, std::string_view own_id,
                             Timestamp now) const;
  /// False when the user has no such method.
  Result<bool> remove(storage::Transaction& tx, const TenantId& tenant, const UserId& user, std::string_view id) const;
  /// Every method of a user, passkeys included. Returns how many.
  Result<int64_t> remove_all(storage::Transaction& tx, const TenantId& tenant, const UserId& user) const;
  /// Enrolments that nobody confirmed.
  Result<int64_t> remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const;
};

}  // namespace gatehouse::model
