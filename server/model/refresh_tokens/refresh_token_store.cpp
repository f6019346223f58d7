#include "model/refresh_tokens/refresh_token_store.h"

#include "base/json.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO refresh_tokens (tenant, id, client_id, user_id, session_id, audience, data, generation, rotated_at, created_at, "
    "last_used_at,"
    " idle_expires_at, expires_at, forget_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
constexpr std::string_view kFind =
    "SELECT id, client_id, user_id, session_id, audience, data, generation, rotated_at, created_at, last_used_at, idle_expires_at, "
    "expires_at"
    " FROM refresh_tokens WHERE tenant = $1 AND id = $2";
constexpr std::string_view kRotate =
    "UPDATE refresh_tokens SET generation = generation + 1, rotated_at = $4, last_used_at = $4, idle_expires_at = $5"
    " WHERE tenant = $1 AND id = $2 AND generation = $3";
constexpr std::string_view kTouch = "UPDATE refresh_tokens SET last_used_at = $3, idle_expires_at = $4 WHERE tenant = $1 AND id = $2";
constexpr std::string_view kForgetLater = "UPDATE refresh_tokens SET forget_at = $3 WHERE tenant = $1 AND id = $2";
constexpr std::string_view kRemove = "DELETE FROM refresh_tokens WHERE tenant = $1 AND id = $2";
constexpr std::string_view kRemoveOfUser = "DELETE FROM refresh_tokens WHERE tenant = $1 AND user_id = $2";
constexpr std::string_view kRemoveOfClient = "DELETE FROM refresh_tokens WHERE tenant = $1 AND client_id = $2";
constexpr std::string_view kRemoveOfBoth = "DELETE FROM refresh_tokens WHERE tenant = $1 AND user_id = $2 AND client_id = $3";
// By the index of days first; whether a family has really ended its own times tell.
constexpr std::string_view kRemoveExpired =
    "DELETE FROM refresh_tokens WHERE (tenant, id) IN"
    " (SELECT tenant, id FROM refresh_tokens WHERE forget_at < $1 AND (expires_at < $1 OR idle_expires_at < $1)"
    " ORDER BY forget_at LIMIT $2)";

/// When clean-up looks at a family: at the end of the day on which it ends. Indexed, so it should not change with every exchange.
std::optional<Timestamp> forget_at(std::optional<Timestamp> idle_expires_at, std::optional<Timestamp> expires_at) {
  std::optional<Timestamp> end = idle_expires_at;
  if (expires_at && (!end || *expires_at < *end)) end = expires_at;
  if (end) end = std::chrono::ceil<std::chrono::days>(*end);
  return end;
}

void forget_later(storage::Transaction& tx, const RefreshTokenFamily& family, std::optional<Timestamp> idle_expires_at) {
  const std::optional<Timestamp> then = forget_at(idle_expires_at, family.expires_at);
  if (then != forget_at(family.idle_expires_at, family.expires_at)) tx.later(kForgetLater, family.tenant, family.id, then);
}

json::array to_array(const std::vector<std::string>& values) { return json::array(values.begin(), values.end()); }

Result<RefreshTokenFamily> read(const TenantId& tenant, const storage::Row& row) {
  RefreshTokenFamily family;
  family.tenant = tenant;
  family.id = row.text(0);
  family.client = ClientId(row.text(1));
  family.user = UserId(row.text(2));
  if (!row.is_null(3)) family.session = SessionId(row.text(3));
  family.audience = row.text(4);
  TRY(const json::value data, parse_json(row.text(5)));
  const json::object& object = data.as_object();
  family.scopes = get_strings(object, "scopes");
  family.connection = std::string(get_string(object, "connection").value_or(""));
  family.authenticated_at = from_micros(get_int(object, "authenticated_at").value_or(0));
  family.amr = get_strings(object, "amr");
  family.generation = row.int64(6);
  family.rotated_at = row.time_or_null(7);
  family.created_at = row.time(8);
  family.last_used_at = row.time(9);
  family.idle_expires_at = row.time_or_null(10);
  family.expires_at = row.time_or_null(11);
  return family;
}

}  // namespace

Result<void> RefreshTokenStore::insert(storage::Transaction& tx, const RefreshTokenFamily& family) const {
  const json::object data{{"scopes", to_array(family.scopes)},
                          {"connection", family.connection},
                          {"authenticated_at", to_micros(family.authenticated_at)},
                          {"amr", to_array(family.amr)}};
  TRY_VOID(tx.execute(kInsert, family.tenant, family.id, family.client, family.user, family.session, family.audience, json::serialize(data),
                      family.generation, family.rotated_at, family.created_at, family.last_used_at, family.idle_expires_at,
                      family.expires_at, forget_at(family.idle_expires_at, family.expires_at)));
  return {};
}

Result<std::optional<RefreshTokenFamily>> RefreshTokenStore::find(storage::Reader& reader, const TenantId& tenant,
                                                                  std::string_view id) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(kFind, tenant, id));
  if (!row) return std::optional<RefreshTokenFamily>{};
  TRY(RefreshTokenFamily family, read(tenant, *row));
  return std::optional<RefreshTokenFamily>(std::move(family));
}

Result<bool> RefreshTokenStore::rotate(storage::Transaction& tx, const RefreshTokenFamily& family, std::optional<Timestamp> idle_expires_at,
                                       Timestamp now) const {
  forget_later(tx, family, idle_expires_at);
  TRY(const int64_t changed, tx.execute(kRotate, family.tenant, family.id, family.generation, now, idle_expires_at));
  return changed == 1;
}

Result<void> RefreshTokenStore::touch(storage::Transaction& tx, const RefreshTokenFamily& family, std::optional<Timestamp> idle_expires_at,
                                      Timestamp now) const {
  forget_later(tx, family, idle_expires_at);
  tx.later(kTouch, family.tenant, family.id, now, idle_expires_at);
  return {};
}

Result<bool> RefreshTokenStore::remove(storage::Transaction& tx, const TenantId& tenant, std::string_view id) const {
  TRY(const int64_t removed, tx.execute(kRemove, tenant, id));
  return removed > 0;
}

Result<int64_t> RefreshTokenStore::remove_of_user(storage::Transaction& tx, const TenantId& tenant, const UserId& user) const {
  return tx.execute(kRemoveOfUser, tenant, user);
}

Result<int64_t> RefreshTokenStore::remove_of_client(storage::Transaction& tx, const TenantId& tenant, const ClientId& client) const {
  return tx.execute(kRemoveOfClient, tenant, client);
}

Result<int64_t> RefreshTokenStore::remove_of_both(storage::Transaction& tx, const TenantId& tenant, const UserId& user,
                                                  const ClientId& client) const {
  return tx.execute(kRemoveOfBoth, tenant, user, client);
}

Result<int64_t> RefreshTokenStore::remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const {
  return tx.execute(kRemoveExpired, now, limit);
}

}  // namespace gatehouse::model
