#include "model/users/user_store.h"

#include "base/encoding.h"
#include "crypto/crypto.h"
#include "model/objects/position.h"
#include "model/roles/role_store.h"
#include "model/users/user_batch.h"
#include "model/users/user_terms.h"
#include "storage/counters.h"

namespace gatehouse::model {
namespace {

#define USER_COLUMNS                                                                                                                      \
  "id, position, email, email_verified, username, phone_number, phone_verified, blocked, data, user_metadata, app_metadata, identities, " \
  "logins_count, last_login, last_ip, last_password_reset, created_at, updated_at"

constexpr std::string_view kFind = "SELECT " USER_COLUMNS " FROM users WHERE tenant = $1 AND id = $2";
constexpr std::string_view kFindByIdentifier = "SELECT " USER_COLUMNS
                                               " FROM users WHERE tenant = $1 AND id = (SELECT user_id FROM user_identifiers WHERE tenant "
                                               "= $1 AND connection = $2 AND kind = $3 AND value = $4)";
constexpr std::string_view kFindByEmail = "SELECT " USER_COLUMNS " FROM users WHERE tenant = $1 AND email = $2 ORDER BY position LIMIT 100";
constexpr std::string_view kList = "SELECT " USER_COLUMNS " FROM users WHERE tenant = $1 ORDER BY position LIMIT $2";
// A deep page: the positions before it are counted off on the index alone.
constexpr std::string_view kListFrom = "SELECT " USER_COLUMNS
                                       " FROM users WHERE tenant = $1 AND position >= (SELECT position FROM users WHERE tenant = $1 "
                                       "ORDER BY position LIMIT 1 OFFSET $3) ORDER BY position LIMIT $2";
constexpr std::string_view kMany = "SELECT " USER_COLUMNS " FROM users WHERE tenant = $1 AND ";
constexpr std::string_view kReplace =
    "UPDATE users SET connection = $3, email = $4, email_verified = $5, username = $6, phone_number = $7, phone_verified = $8, blocked = "
    "$9, data = $10, "
    "user_metadata = $11, app_metadata = $12, identities = $13, updated_at = $14 WHERE tenant = $1 AND id = $2";
constexpr std::string_view kInsertIdentifier =
    "INSERT INTO user_identifiers (tenant, connection, kind, value, user_id) VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kDeleteIdentifier =
    "DELETE FROM user_identifiers WHERE tenant = $1 AND connection = $2 AND kind = $3 AND value = $4";
constexpr std::string_view kInsertTerm = "INSERT INTO user_terms (tenant, path, value, position) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
constexpr std::string_view kDeleteTerm = "DELETE FROM user_terms WHERE tenant = $1 AND path = $2 AND value = $3 AND position = $4";
constexpr std::string_view kRecordLogin =
    "UPDATE users SET logins_count = logins_count + 1, last_login = $3, last_ip = $4 WHERE tenant = $1 AND id = $2";
constexpr std::string_view kStanding =
    "SELECT users.blocked, user_passwords.set_at FROM users LEFT JOIN user_passwords ON user_passwords.tenant = users.tenant AND "
    "user_passwords.user_id = $3 WHERE users.tenant = $1 AND users.id = $2";
constexpr std::string_view kSomePassword =
    "SELECT hash FROM user_passwords WHERE tenant = $1 AND user_id >= $2 ORDER BY user_id LIMIT 1";
constexpr std::string_view kPassword = "SELECT hash, set_at, history FROM user_passwords WHERE tenant = $1 AND user_id = $2";
constexpr std::string_view kSetPassword =
    "INSERT INTO user_passwords (tenant, user_id, hash, set_at, history) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (tenant, user_id) DO UPDATE SET hash = EXCLUDED.hash, set_at = EXCLUDED.set_at, history = EXCLUDED.history";
constexpr std::string_view kPasswordReset = "UPDATE users SET last_password_reset = $3, updated_at = $3 WHERE tenant = $1 AND id = $2";
constexpr std::string_view kUpgradeHash = "UPDATE user_passwords SET hash = $4 WHERE tenant = $1 AND user_id = $2 AND hash = $3";

/// Tables whose rows belong to a user and end with it.
constexpr std::string_view kDeleteOwned[] = {
    "DELETE FROM user_permissions WHERE tenant = $1 AND user_id = $2", "DELETE FROM sessions WHERE tenant = $1 AND user_id = $2",
    "DELETE FROM refresh_tokens WHERE tenant = $1 AND user_id = $2",   "DELETE FROM authorization_codes WHERE tenant = $1 AND user_id = $2",
    "DELETE FROM consents WHERE tenant = $1 AND user_id = $2",         "DELETE FROM tickets WHERE tenant = $1 AND user_id = $2",
    "DELETE FROM authentication_methods WHERE tenant = $1 AND user_id = $2", "DELETE FROM remembered_browsers WHERE tenant = $1 AND user_id = $2",
    "DELETE FROM mfa_tokens WHERE tenant = $1 AND user_id = $2",       "DELETE FROM known_devices WHERE tenant = $1 AND user_id = $2"};
constexpr std::string_view kDelete = "DELETE FROM users WHERE tenant = $1 AND id = $2";
constexpr std::string_view kDeletePassword = "DELETE FROM user_passwords WHERE tenant = $1 AND user_id = $2";
constexpr std::string_view kDeleteUpstreamTokens = "DELETE FROM upstream_tokens WHERE tenant = $1 AND account = $2";
constexpr std::string_view kOfConnection =
    "SELECT position FROM user_terms WHERE tenant = $1 AND path = 'identities.connection' AND value = $2 ORDER BY position LIMIT $3";
constexpr std::string_view kFindByLink = "SELECT " USER_COLUMNS
                                         " FROM users WHERE tenant = $1 AND id = (SELECT user_id FROM linked_identities WHERE tenant = $1 "
                                         "AND provider = $2 AND own_id = $3)";
constexpr std::string_view kOwner =
    "SELECT 1 FROM linked_identities WHERE tenant = $1 AND provider = $3 AND own_id = $4 AND user_id = $2";
constexpr std::string_view kInsertLink = "INSERT INTO linked_identities (tenant, provider, own_id, user_id) VALUES ($1, $2, $3, $4)";
constexpr std::string_view kDeleteLink = "DELETE FROM linked_identities WHERE tenant = $1 AND provider = $2 AND own_id = $3";

json::object parse_object(const std::string& text) {
  json::value value = json::parse(text);
  return value.is_object() ? std::move(value.get_object()) : json::object{};
}

User read_user(const TenantId& tenant, const storage::Row& row) {
  User user;
  user.id = UserId(row.text(0));
  user.tenant = tenant;
  user.position = row.int64(1);
  user.email = row.text_or_null(2);
  user.email_verified = row.boolean(3);
  user.username = row.text_or_null(4);
  user.phone_number = row.text_or_null(5);
  user.phone_verified = row.boolean(6);
  user.blocked = row.boolean(7);
  user.attributes = parse_object(row.text(8));
  user.user_metadata = parse_object(row.text(9));
  user.app_metadata = parse_object(row.text(10));
  const json::value identities = json::parse(row.text(11));
  for (const json::value& item : identities.as_array()) {
    const json::object& o = item.as_object();
    Identity identity;
    identity.connection = std::string(get_string(o, "connection").value_or(""));
    identity.provider = std::string(get_string(o, "provider").value_or(""));
    identity.user_id = std::string(get_string(o, "user_id").value_or(""));
    identity.is_social = get_bool(o, "isSocial").value_or(false);
    if (const json::object* data = get_object(o, "profileData")) identity.profile_data = *data;
    user.identities.push_back(std::move(identity));
  }
  user.logins_count = row.int64(12);
  user.last_login = row.time_or_null(13);
  user.last_ip = row.text(14);
  user.last_password_reset = row.time_or_null(15);
  user.created_at = row.time(16);
  user.updated_at = row.time(17);
  return user;
}

Result<std::optional<User>> one_user(const TenantId& tenant, Result<std::optional<storage::Row>> row) {
  if (!row) return std::move(row).error();
  if (!*row) return std::optional<User>{};
  return std::optional<User>(read_user(tenant, **row));
}

Result<std::vector<User>> many_users(const TenantId& tenant, Result<storage::Rows> rows) {
  if (!rows) return std::move(rows).error();
  std::vector<User> users;
  users.reserve(rows->size());
  for (const storage::Row& row : *rows) users.push_back(read_user(tenant, row));
  return users;
}

/// Brings a table from one sorted list to another: what is only in `before` goes, what is only in `after` comes.
template <class T, class Remove, class Insert>
Result<void> change(const std::vector<T>& before, const std::vector<T>& after, const Remove& remove, const Insert& insert) {
  for (const T& item : before)
    if (!std::binary_search(after.begin(), after.end(), item)) TRY_VOID(remove(item));
  for (const T& item : after)
    if (!std::binary_search(before.begin(), before.end(), item)) TRY_VOID(insert(item));
  return {};
}

using Link = std::pair<std::string, std::string>;  // provider, own id
std::vector<Link> links_of(const User& user) {
  std::vector<Link> out;
  for (size_t i = 1; i < user.identities.size(); ++i) out.emplace_back(user.identities[i].provider, user.identities[i].user_id);
  std::sort(out.begin(), out.end());
  return out;
}

/// The identifiers, linked accounts and search terms of `before` become those of `after`.
Result<void> reindex(storage::Transaction& tx, const User& before, const User& after) {
  auto held = identifiers_of(before), wanted = identifiers_of(after);
  std::sort(held.begin(), held.end());
  std::sort(wanted.begin(), wanted.end());
  const TenantId& tenant = after.tenant;
  TRY_VOID(change(
      held, wanted, [&](const auto& i) { return tx.execute(kDeleteIdentifier, tenant, i.connection, i.kind, i.value); },
      [&](const auto& i) { return tx.execute(kInsertIdentifier, tenant, i.connection, i.kind, i.value, after.id); }));
  TRY_VOID(change(
      links_of(before), links_of(after), [&](const Link& l) { return tx.execute(kDeleteLink, tenant, l.first, l.second); },
      [&](const Link& l) { return tx.execute(kInsertLink, tenant, l.first, l.second, after.id); }));
  const auto later = [&](std::string_view sql) {
    return [&tx, &tenant, &before, sql](const Term& term) -> Result<void> {
      tx.later(sql, tenant, term.first, term.second, before.position);
      return {};
    };
  };
  return change(terms_of(before), terms_of(after), later(kDeleteTerm), later(kInsertTerm));
}

/// Users by one of their columns, a hundred at a time: every text has the same hundred parameters, so that it is prepared once.
template <class Key>
Result<std::vector<User>> users_by(storage::Reader& reader, const TenantId& tenant, std::string_view column, std::span<const Key> keys,
                                   Key (*key_of)(const User&)) {
  constexpr size_t kSmall = 10, kLarge = 100;
  std::map<Key, User> found;
  for (std::span<const Key> rest = keys; !rest.empty();) {
    const size_t count = std::min(kLarge, rest.size()), size = count <= kSmall ? kSmall : kLarge;
    std::string sql = std::string(kMany) + std::string(column) + " IN (";
    std::vector<storage::Value> arguments{tenant};
    for (size_t i = 0; i < size; ++i) {
      sql += (i > 0 ? ", $" : "$") + std::to_string(i + 2);
      arguments.push_back(i < count ? storage::Value(rest[i]) : storage::Value());
    }
    rest = rest.subspan(count);
    TRY(std::vector<User> users, many_users(tenant, reader.run_query(sql + ")", arguments)));
    for (User& user : users) {
      Key key = key_of(user);
      found.emplace(std::move(key), std::move(user));
    }
  }
  std::vector<User> ordered;
  ordered.reserve(found.size());
  for (const Key& key : keys)
    if (auto node = found.extract(key)) ordered.push_back(std::move(node.mapped()));
  return ordered;
}

std::string_view kind_name(IdentifierKind kind) {
  switch (kind) {
    case IdentifierKind::email:
      return "email";
    case IdentifierKind::username:
      return "username";
    case IdentifierKind::phone_number:
      return "phone_number";
  }
  return "email";
}

}  // namespace

UserStore::UserStore(storage::Database& db) : db_(db) {}

Result<std::optional<User>> UserStore::find(storage::Reader& reader, const TenantId& tenant, const UserId& id) const {
  return one_user(tenant, reader.query_one(kFind, tenant, id));
}

Result<std::optional<User>> UserStore::find(const TenantId& tenant, const UserId& id) const {
  return db_.read([&](storage::Reader& reader) { return find(reader, tenant, id); });
}

Result<std::optional<User>> UserStore::find_by_identifier(storage::Reader& reader, const TenantId& tenant, std::string_view connection,
                                                          IdentifierKind kind, std::string_view value) const {
  return one_user(tenant, reader.query_one(kFindByIdentifier, tenant, connection, kind_name(kind), value));
}

Result<std::optional<User>> UserStore::find_by_identity(storage::Reader& reader, const TenantId& tenant, std::string_view provider,
                                                        std::string_view own_id) const {
  TRY(std::optional<User> created_with, find(reader, tenant, UserId(std::string(provider) + "|" + std::string(own_id))));
  if (created_with) return created_with;
  return one_user(tenant, reader.query_one(kFindByLink, tenant, provider, own_id));
}

Result<std::vector<User>> UserStore::find_by_email(storage::Reader& reader, const TenantId& tenant, std::string_view email) const {
  return many_users(tenant, reader.query(kFindByEmail, tenant, email));
}

Result<std::vector<User>> UserStore::list(storage::Reader& reader, const TenantId& tenant, int64_t offset, int64_t limit) const {
  if (offset == 0) return many_users(tenant, reader.query(kList, tenant, limit));
  return many_users(tenant, reader.query(kListFrom, tenant, limit, offset));
}

Result<std::vector<User>> UserStore::at(storage::Reader& reader, const TenantId& tenant, std::span<const int64_t> positions) const {
  return users_by<int64_t>(reader, tenant, "position", positions, [](const User& user) { return user.position; });
}

Result<std::vector<User>> UserStore::find_all(storage::Reader& reader, const TenantId& tenant, std::span<const UserId> ids) const {
  return users_by<UserId>(reader, tenant, "id", ids, [](const User& user) { return user.id; });
}

Result<int64_t> UserStore::count(storage::Reader& reader, const TenantId& tenant) const {
  return storage::counters::get(reader, tenant, "users");
}

Result<void> UserStore::insert(storage::Transaction& tx, User& user, const std::optional<PasswordCredential>& password,
                               Timestamp now) const {
  user.created_at = user.updated_at = now;
  user.position = next_position(now, tx.slot());
  NewUser fresh{user, password};
  if (fresh.password) fresh.password->set_at = now;
  return UserBatch({&fresh, 1}).insert(tx);
}

Result<void> UserStore::replace(storage::Transaction& tx, User& user, Timestamp now) const {
  TRY(const std::optional<User> before, find(tx, user.tenant, user.id));
  if (!before) return Error{Errc::not_found, "The user does not exist."};
  return replace(tx, *before, user, now);
}

Result<void> UserStore::replace(storage::Transaction& tx, const User& before, User& user, Timestamp now) const {
  user.updated_at = now;
  tx.later(kReplace, user.tenant, user.id, user.connection(), user.email, user.email_verified, user.username, user.phone_number,
           user.phone_verified, user.blocked, json::serialize(user.attributes), json::serialize(user.user_metadata),
           json::serialize(user.app_metadata), identities_json(user), user.updated_at);
  return reindex(tx, before, user);
}

/// What is kept for an account under its own id: its password, or the tokens of the provider it is at.
static std::string_view secret_of(const Identity& identity) { return identity.provider == "auth0" ? kDeletePassword : kDeleteUpstreamTokens; }

Result<bool> UserStore::remove(storage::Transaction& tx, const TenantId& tenant, const UserId& id) const {
  TRY(const std::optional<User> user, find(tx, tenant, id));
  if (!user) return false;
  TRY_VOID(remove(tx, *user, Passwords::go));
  return true;
}

Result<void> UserStore::remove(storage::Transaction& tx, const User& user, Passwords passwords) {
  const TenantId& tenant = user.tenant;
  TRY_VOID(tx.execute(kDelete, tenant, user.id));
  for (const UserIdentifier& i : identifiers_of(user)) TRY_VOID(tx.execute(kDeleteIdentifier, tenant, i.connection, i.kind, i.value));
  for (const auto& [provider, own_id] : links_of(user)) TRY_VOID(tx.execute(kDeleteLink, tenant, provider, own_id));
  for (const auto& [path, value] : terms_of(user)) TRY_VOID(tx.execute(kDeleteTerm, tenant, path, value, user.position));
  if (passwords == Passwords::go)
    for (const Identity& identity : user.identities) TRY_VOID(tx.execute(secret_of(identity), tenant, identity.account()));
  for (const std::string_view sql : kDeleteOwned) TRY_VOID(tx.execute(sql, tenant, user.id));
  TRY_VOID(RoleStore::forget_user(tx, tenant, user.id));
  return storage::counters::add(tx, tenant, "users", -1);
}

Result<bool> UserStore::remove_of_connection(storage::Transaction& tx, const TenantId& tenant, std::string_view connection,
                                             int64_t limit) const {
  TRY(const storage::Rows rows, tx.query(kOfConnection, tenant, connection, limit));
  std::vector<int64_t> positions;
  for (const storage::Row& row : rows) positions.push_back(row.int64(0));
  TRY(const std::vector<User> users, at(tx, tenant, positions));
  for (const User& user : users) {
    if (user.connection() == connection) {
      TRY_VOID(remove(tx, user, Passwords::go));
      continue;
    }
    User left = user;
    std::erase_if(left.identities, [&](const Identity& identity) { return identity.connection == connection; });
    for (const Identity& identity : user.identities)
      if (identity.connection == connection) TRY_VOID(tx.execute(secret_of(identity), tenant, identity.account()));
    TRY_VOID(replace(tx, user, left, user.updated_at));
  }
  return int64_t(rows.size()) < limit;
}

Result<void> UserStore::record_login(storage::Transaction& tx, const TenantId& tenant, const UserId& id, std::string_view ip,
                                     Timestamp now) const {
  TRY_VOID(tx.execute(kRecordLogin, tenant, id, now, ip));
  return {};
}

Result<std::optional<UserStore::Standing>> UserStore::standing(storage::Reader& reader, const TenantId& tenant, const UserId& id) const {
  return standing(reader, tenant, id, id);
}

Result<std::optional<UserStore::Standing>> UserStore::standing(storage::Reader& reader, const TenantId& tenant, const UserId& id,
                                                               const UserId& account) const {
  if (account != id) {  // it may have been unlinked since
    const std::string_view whole = account.str();
    const size_t bar = whole.find('|');
    TRY(const std::optional<storage::Row> owner, reader.query_one(kOwner, tenant, id, whole.substr(0, bar), whole.substr(std::min(bar, whole.size() - 1) + 1)));
    if (!owner) return std::optional<Standing>{};
  }
  TRY(const std::optional<storage::Row> row, reader.query_one(kStanding, tenant, id, account));
  return row ? std::optional(Standing{row->boolean(0), row->time_or_null(1)}) : std::nullopt;
}

Result<std::optional<std::string>> UserStore::some_password(storage::Reader& reader, const TenantId& tenant, std::string_view name) const {
  const std::string somewhere = "auth0|" + hex_encode(crypto::sha256(tenant.str() + "\n" + std::string(name))).substr(0, 24);
  for (const std::string& from : {somewhere, std::string()}) {
    TRY(const std::optional<storage::Row> row, reader.query_one(kSomePassword, tenant, from));
    if (row) return std::optional(row->text(0));
  }
  return std::optional<std::string>{};
}

Result<std::optional<PasswordCredential>> UserStore::password(storage::Reader& reader, const TenantId& tenant, const UserId& id) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(kPassword, tenant, id));
  if (!row) return std::optional<PasswordCredential>{};
  PasswordCredential credential{row->text(0), row->time(1), {}};
  const json::value history = json::parse(row->text(2));
  for (const json::value& hash : history.as_array()) credential.history.emplace_back(hash.as_string());
  return std::optional<PasswordCredential>(std::move(credential));
}

Result<void> UserStore::set_password(storage::Transaction& tx, const TenantId& tenant, const UserId& id, std::string_view hash,
                                     size_t history_size, Timestamp now) const {
  TRY(const std::optional<PasswordCredential> old, password(tx, tenant, id));
  json::array history;
  if (old) {
    history.emplace_back(old->hash);
    for (const std::string& earlier : old->history) history.emplace_back(earlier);
  }
  if (history.size() > history_size) history.resize(history_size);
  TRY_VOID(tx.execute(kSetPassword, tenant, id, hash, now, json::serialize(history)));
  TRY_VOID(tx.execute(kPasswordReset, tenant, id, now));
  return {};
}

Result<void> UserStore::replace_hash(storage::Transaction& tx, const TenantId& tenant, const UserId& id, std::string_view hash,
                                     Timestamp now) const {
  TRY_VOID(tx.execute(kSetPassword, tenant, id, hash, now, "[]"));
  return {};
}

Result<void> UserStore::upgrade_hash(storage::Transaction& tx, const TenantId& tenant, const UserId& id, std::string_view old_hash,
                                     std::string_view hash) const {
  TRY_VOID(tx.execute(kUpgradeHash, tenant, id, old_hash, hash));
  return {};
}

}  // namespace gatehouse::model
