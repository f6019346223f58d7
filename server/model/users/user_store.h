#pragma once
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "model/users/user.h"
#include "storage/database.h"

namespace gatehouse::model {

/// Which identifier a lookup goes by. Identifiers are unique in their connection.
enum class IdentifierKind { email, username, phone_number };

/// Users, their identifiers and passwords. Never cached. All writes keep the identifier table, the search terms
/// (users/user_terms.h) and the counter in step.
class UserStore {
 public:
  explicit UserStore(storage::Database& db);

  [[nodiscard]] Result<std::optional<User>> find(storage::Reader& reader, const TenantId& tenant, const UserId& id) const;
  [[nodiscard]] Result<std::optional<User>> find(const TenantId& tenant, const UserId& id) const;
  /// By a normalised identifier in one connection.
  [[nodiscard]] Result<std::optional<User>> find_by_identifier(storage::Reader& reader, const TenantId& tenant, std::string_view connection,
                                                               IdentifierKind kind, std::string_view value) const;
  /// The user that an account at a provider belongs to, whether it was created with it or it was linked later: who signs in through
  /// GitHub or a company's directory is looked up by this. `own_id` is the part after `provider|`. Two point reads at most.
  [[nodiscard]] Result<std::optional<User>> find_by_identity(storage::Reader& reader, const TenantId& tenant, std::string_view provider,
                                                             std::string_view own_id) const;
  /// All users with this address, whatever the connection (GET /users-by-email), in order of creation.
  [[nodiscard]] Result<std::vector<User>> find_by_email(storage::Reader& reader, const TenantId& tenant, std::string_view email) const;
  /// The users at these positions, in their order; those that are gone are left out.
  [[nodiscard]] Result<std::vector<User>> at(storage::Reader& reader, const TenantId& tenant, std::span<const int64_t> positions) const;
  /// The users with these ids, in their order; those that are gone are left out.
  [[nodiscard]] Result<std::vector<User>> find_all(storage::Reader& reader, const TenantId& tenant, std::span<const UserId> ids) const;
  /// In order of creation.
  [[nodiscard]] Result<std::vector<User>> list(storage::Reader& reader, const TenantId& tenant, int64_t offset, int64_t limit) const;
  [[nodiscard]] Result<int64_t> count(storage::Reader& reader, const TenantId& tenant) const;

  /// Errors: unique_violation (an identifier or the id is taken).
  Result<void> insert(storage::Transaction& tx, User& user, const std::optional<PasswordCredential>& password, Timestamp now) const;
  /// Writes everything but the password anew. Errors: not_found, unique_violation.
  Result<void> replace(storage::Transaction& tx, User& user, Timestamp now) const;
  /// The same for who has read the user in this unit of work: `before` is what is stored.
  Result<void> replace(storage::Transaction& tx, const User& before, User& user, Timestamp now) const;
  /// The user with everything that hangs on it: sessions, refresh tokens, roles, permissions, grants, tickets.
  Result<bool> remove(storage::Transaction& tx, const TenantId& tenant, const UserId& id) const;
  /// `secondary` ends as a user and becomes an account of `primary`, its attributes its profile_data; accounts linked to it come along.
  /// Its passwords stay its own; sessions, refresh tokens, roles, metadata and the rest end. Both were read in this unit of work.
  Result<void> link(storage::Transaction& tx, User& primary, const User& secondary, Timestamp now) const;
  /// The opposite: an account of `primary` other than its first is a user again, with its attributes and password and nothing else.
  /// Sessions that began through its connection end. Errors: not_found; invalid_argument, the first account; unique_violation.
  Result<User> unlink(storage::Transaction& tx, User& primary, std::string_view provider, std::string_view own_id, Timestamp now) const;
  /// Users of a connection, `limit` at most, each as remove() does; of others only what is linked from there. Whether none is left.
  Result<bool> remove_of_connection(storage::Transaction& tx, const TenantId& tenant, std::string_view connection, int64_t limit) const;
  /// Counts a login: last_login, last_ip, logins_count.
  Result<void> record_login(storage::Transaction& tx, const TenantId& tenant, const UserId& id, std::string_view ip, Timestamp now) const;

  /// What decides whether a password that was checked a moment ago still lets somebody in; nullopt: there is no such user any more.
  struct Standing {
    bool blocked = false;
    std::optional<Timestamp> password_set_at;
  };
  [[nodiscard]] Result<std::optional<Standing>> standing(storage::Reader& reader, const TenantId& tenant, const UserId& id) const;
  /// The same with the password of one of the user's accounts (Identity::account()).
  [[nodiscard]] Result<std::optional<Standing>> standing(storage::Reader& reader, const TenantId& tenant, const UserId& id,
                                                         const UserId& account) const;

  // Passwords belong to accounts: `id` is that of the user, or the Identity::account() of one that was linked.
  [[nodiscard]] Result<std::optional<PasswordCredential>> password(storage::Reader& reader, const TenantId& tenant, const UserId& id) const;
  /// The hash of one of the tenant's users, for a name always the same one's as long as users stay: what an attempt at a name that nobody
  /// has is made to cost. Nullopt: nobody has a password.
  [[nodiscard]] Result<std::optional<std::string>> some_password(storage::Reader& reader, const TenantId& tenant, std::string_view name) const;
  /// Sets the password; the old hash goes to the front of the history, which keeps `history_size` entries.
  Result<void> set_password(storage::Transaction& tx, const TenantId& tenant, const UserId& id, std::string_view hash, size_t history_size,
                            Timestamp now) const;
  /// Sets an imported hash in the place of one that was imported before (or of none), which leaves no trace.
  Result<void> replace_hash(storage::Transaction& tx, const TenantId& tenant, const UserId& id, std::string_view hash, Timestamp now) const;
  /// Replaces the hash of the same password by a stronger one (needs_rehash).
  Result<void> upgrade_hash(storage::Transaction& tx, const TenantId& tenant, const UserId& id, std::string_view old_hash,
                            std::string_view hash) const;

 private:
  enum class Passwords { go, stay };
  static Result<void> remove(storage::Transaction& tx, const User& user, Passwords passwords);
  storage::Database& db_;
};

}  // namespace gatehouse::model
