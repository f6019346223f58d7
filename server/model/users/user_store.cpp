#include "model/users/user_store.h"

#include "model/objects/position.h"
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
constexpr std::string_view kList = "SELECT " USER_COLUMNS " FROM users WHERE tenant = $1 ORDER BY position LIMIT $2 OFFSET $3";
constexpr std::string_view kInsert =
    "INSERT INTO users (tenant, id, position, connection, email, email_verified, username, phone_number, phone_verified, blocked, data, "
    "user_metadata, "
    "app_metadata, identities, logins_count, last_login, last_ip, last_password_reset, created_at, updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
constexpr std::string_view kReplace =
    "UPDATE users SET connection = $3, email = $4, email_verified = $5, username = $6, phone_number = $7, phone_verified = $8, blocked = "
    "$9, data = $10, "
    "user_metadata = $11, app_metadata = $12, identities = $13, updated_at = $14 WHERE tenant = $1 AND id = $2";
constexpr std::string_view kInsertIdentifier =
    "INSERT INTO user_identifiers (tenant, connection, kind, value, user_id) VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kIdentifiers = "SELECT connection, kind, value FROM user_identifiers WHERE tenant = $1 AND user_id = $2";
constexpr std::string_view kDeleteIdentifier =
    "DELETE FROM user_identifiers WHERE tenant = $1 AND connection = $2 AND kind = $3 AND value = $4";
constexpr std::string_view kTerms = "SELECT path, value FROM user_terms WHERE tenant = $1 AND user_id = $2";
constexpr std::string_view kInsertTerm =
    "INSERT INTO user_terms (tenant, path, value, user_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
constexpr std::string_view kDeleteTerm = "DELETE FROM user_terms WHERE tenant = $1 AND path = $2 AND value = $3 AND user_id = $4";
constexpr std::string_view kRecordLogin =
    "UPDATE users SET logins_count = logins_count + 1, last_login = $3, last_ip = $4 WHERE tenant = $1 AND id = $2";
constexpr std::string_view kPassword = "SELECT hash, set_at, history FROM user_passwords WHERE tenant = $1 AND user_id = $2";
constexpr std::string_view kSetPassword =
    "INSERT INTO user_passwords (tenant, user_id, hash, set_at, history) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (tenant, user_id) DO UPDATE SET hash = EXCLUDED.hash, set_at = EXCLUDED.set_at, history = EXCLUDED.history";
constexpr std::string_view kPasswordReset = "UPDATE users SET last_password_reset = $3, updated_at = $3 WHERE tenant = $1 AND id = $2";
constexpr std::string_view kUpgradeHash = "UPDATE user_passwords SET hash = $4 WHERE tenant = $1 AND user_id = $2 AND hash = $3";

/// Tables whose rows belong to a user and end with it.
constexpr std::string_view kDeleteOwned[] = {
    "DELETE FROM user_identifiers WHERE tenant = $1 AND user_id = $2", "DELETE FROM user_passwords WHERE tenant = $1 AND user_id = $2",
    "DELETE FROM user_terms WHERE tenant = $1 AND user_id = $2",       "DELETE FROM user_roles WHERE tenant = $1 AND user_id = $2",
    "DELETE FROM user_permissions WHERE tenant = $1 AND user_id = $2", "DELETE FROM sessions WHERE tenant = $1 AND user_id = $2",
    "DELETE FROM refresh_tokens WHERE tenant = $1 AND user_id = $2",   "DELETE FROM authorization_codes WHERE tenant = $1 AND user_id = $2",
    "DELETE FROM consents WHERE tenant = $1 AND user_id = $2",         "DELETE FROM tickets WHERE tenant = $1 AND user_id = $2"};
constexpr std::string_view kDelete = "DELETE FROM users WHERE tenant = $1 AND id = $2";
constexpr std::string_view kOfConnection = "SELECT DISTINCT user_id FROM user_identifiers WHERE tenant = $1 AND connection = $2";

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

std::string identities_json(const User& user) {
  json::array list;
  for (const Identity& i : user.identities) {
    json::object one{{"connection", i.connection}, {"provider", i.provider}, {"user_id", i.user_id}, {"isSocial", i.is_social}};
    if (!i.profile_data.empty()) one["profileData"] = i.profile_data;
    list.push_back(std::move(one));
  }
  return json::serialize(list);
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

/// connection, kind, value of each identifier a user has. Only accounts in our own databases are identified by them.
std::set<std::array<std::string, 3>> identifiers_of(const User& user) {
  std::set<std::array<std::string, 3>> out;
  if (user.identities.empty()) return out;
  const std::string& connection = user.connection();
  if (user.email) out.insert({connection, "email", *user.email});
  if (user.username)
    if (const auto name = normalize_username(*user.username)) out.insert({connection, "username", *name});
  if (user.phone_number) out.insert({connection, "phone_number", *user.phone_number});
  return out;
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

Result<std::vector<User>> UserStore::find_by_email(storage::Reader& reader, const TenantId& tenant, std::string_view email) const {
  return many_users(tenant, reader.query(kFindByEmail, tenant, email));
}

Result<std::vector<User>> UserStore::list(storage::Reader& reader, const TenantId& tenant, int64_t offset, int64_t limit) const {
  return many_users(tenant, reader.query(kList, tenant, limit, offset));
}

Result<int64_t> UserStore::count(storage::Reader& reader, const TenantId& tenant) const {
  return storage::counters::get(reader, tenant, "users");
}

Result<void> UserStore::insert(storage::Transaction& tx, User& user, const std::optional<PasswordCredential>& password,
                               Timestamp now) const {
  user.created_at = user.updated_at = now;
  user.position = next_position(now, tx.slot());
  TRY_VOID(tx.execute(kInsert, user.tenant, user.id, user.position, user.connection(), user.email, user.email_verified, user.username,
                      user.phone_number, user.phone_verified, user.blocked, json::serialize(user.attributes),
                      json::serialize(user.user_metadata), json::serialize(user.app_metadata), identities_json(user), user.logins_count,
                      user.last_login, user.last_ip, user.last_password_reset, user.created_at, user.updated_at));
  for (const auto& [connection, kind, value] : identifiers_of(user))
    TRY_VOID(tx.execute(kInsertIdentifier, user.tenant, connection, kind, value, user.id));
  for (const auto& [path, value] : terms_of(user)) TRY_VOID(tx.execute(kInsertTerm, user.tenant, path, value, user.id));
  if (password) {
    json::array history;
    for (const std::string& hash : password->history) history.emplace_back(hash);
    TRY_VOID(tx.execute(kSetPassword, user.tenant, user.id, password->hash, now, json::serialize(history)));
  }
  return storage::counters::add(tx, user.tenant, "users", 1);
}

Result<void> UserStore::replace(storage::Transaction& tx, User& user, Timestamp now) const {
  user.updated_at = now;
  TRY(const int64_t changed,
      tx.execute(kReplace, user.tenant, user.id, user.connection(), user.email, user.email_verified, user.username, user.phone_number,
                 user.phone_verified, user.blocked, json::serialize(user.attributes), json::serialize(user.user_metadata),
                 json::serialize(user.app_metadata), identities_json(user), user.updated_at));
  if (changed == 0) return Error{Errc::not_found, "The user does not exist."};

  auto wanted = identifiers_of(user);
  TRY(const storage::Rows identifiers, tx.query(kIdentifiers, user.tenant, user.id));
  for (const storage::Row& row : identifiers) {
    if (wanted.erase({row.text(0), row.text(1), row.text(2)}) == 0)
      TRY_VOID(tx.execute(kDeleteIdentifier, user.tenant, row.text(0), row.text(1), row.text(2)));
  }
  for (const auto& [connection, kind, value] : wanted)
    TRY_VOID(tx.execute(kInsertIdentifier, user.tenant, connection, kind, value, user.id));

  auto terms = terms_of(user);
  TRY(const storage::Rows indexed, tx.query(kTerms, user.tenant, user.id));
  for (const storage::Row& row : indexed) {
    if (terms.erase({row.text(0), row.text(1)}) == 0) TRY_VOID(tx.execute(kDeleteTerm, user.tenant, row.text(0), row.text(1), user.id));
  }
  for (const auto& [path, value] : terms) TRY_VOID(tx.execute(kInsertTerm, user.tenant, path, value, user.id));
  return {};
}

Result<bool> UserStore::remove(storage::Transaction& tx, const TenantId& tenant, const UserId& id) const {
  TRY(const int64_t removed, tx.execute(kDelete, tenant, id));
  if (removed == 0) return false;
  for (const std::string_view sql : kDeleteOwned) TRY_VOID(tx.execute(sql, tenant, id));
  TRY_VOID(storage::counters::add(tx, tenant, "users", -1));
  return true;
}

Result<void> UserStore::remove_of_connection(storage::Transaction& tx, const TenantId& tenant, std::string_view connection) const {
  TRY(const storage::Rows rows, tx.query(kOfConnection, tenant, connection));
  for (const storage::Row& row : rows) TRY_VOID(remove(tx, tenant, UserId(row.text(0))));
  return {};
}

Result<void> UserStore::record_login(storage::Transaction& tx, const TenantId& tenant, const UserId& id, std::string_view ip,
                                     Timestamp now) const {
  TRY_VOID(tx.execute(kRecordLogin, tenant, id, now, ip));
  return {};
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

Result<void> UserStore::upgrade_hash(storage::Transaction& tx, const TenantId& tenant, const UserId& id, std::string_view old_hash,
                                     std::string_view hash) const {
  TRY_VOID(tx.execute(kUpgradeHash, tenant, id, old_hash, hash));
  return {};
}

}  // namespace gatehouse::model
