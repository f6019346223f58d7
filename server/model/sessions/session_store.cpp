#include "model/sessions/session_store.h"

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/crypto.h"

namespace gatehouse::model {
namespace {

#define SESSION_COLUMNS \
  "id, user_id, connection, authenticated_at, created_at, last_used_at, idle_expires_at, expires_at, amr, clients, ip, user_agent"

constexpr std::string_view kFindBySecret =
    "SELECT " SESSION_COLUMNS " FROM sessions WHERE tenant = $1 AND secret_digest = $2 AND idle_expires_at > $3 AND expires_at > $3";
constexpr std::string_view kFind =
    "SELECT " SESSION_COLUMNS " FROM sessions WHERE tenant = $1 AND id = $2 AND idle_expires_at > $3 AND expires_at > $3";
constexpr std::string_view kTouch =
    "UPDATE sessions SET last_used_at = $3, idle_expires_at = $4, clients = $5 WHERE tenant = $1 AND id = $2";
constexpr std::string_view kRemove = "DELETE FROM sessions WHERE tenant = $1 AND id = $2";
constexpr std::string_view kRemoveAll = "DELETE FROM sessions WHERE tenant = $1 AND user_id = $2 AND id <> $3";
constexpr std::string_view kRemoveExpired =
    "DELETE FROM sessions WHERE (tenant, id) IN (SELECT tenant, id FROM sessions WHERE idle_expires_at <= $1 ORDER BY idle_expires_at "
    "LIMIT $2)";

std::vector<std::string> strings(const std::string& text) {
  std::vector<std::string> out;
  const json::value list = json::parse(text);
  for (const json::value& item : list.as_array()) out.emplace_back(item.as_string());
  return out;
}

Result<std::optional<Session>> one(const TenantId& tenant, Result<std::optional<storage::Row>> row) {
  if (!row) return std::move(row).error();
  if (!*row) return std::optional<Session>{};
  const storage::Row& r = **row;
  Session session;
  session.id = SessionId(r.text(0));
  session.tenant = tenant;
  session.user = UserId(r.text(1));
  session.connection = r.text(2);
  session.authenticated_at = r.time(3);
  session.created_at = r.time(4);
  session.last_used_at = r.time(5);
  session.idle_expires_at = r.time(6);
  session.expires_at = r.time(7);
  session.amr = strings(r.text(8));
  session.clients = strings(r.text(9));
  session.ip = r.text(10);
  session.user_agent = r.text(11);
  return std::optional<Session>(std::move(session));
}

}  // namespace

SessionStore::SessionStore(storage::Database& db) : db_(db) {}

std::string SessionStore::digest(std::string_view cookie_value) { return hex_encode(crypto::sha256(cookie_value)); }

Result<std::optional<Session>> SessionStore::find_by_secret(storage::Reader& reader, const TenantId& tenant, std::string_view cookie_value,
                                                            Timestamp now) const {
  if (cookie_value.empty()) return std::optional<Session>{};
  return one(tenant, reader.query_one(kFindBySecret, tenant, digest(cookie_value), now));
}

Result<std::optional<Session>> SessionStore::find_by_secret(const TenantId& tenant, std::string_view cookie_value, Timestamp now) const {
  return db_.read([&](storage::Reader& reader) { return find_by_secret(reader, tenant, cookie_value, now); });
}

Result<std::optional<Session>> SessionStore::find(storage::Reader& reader, const TenantId& tenant, const SessionId& id,
                                                  Timestamp now) const {
  return one(tenant, reader.query_one(kFind, tenant, id, now));
}

Result<void> SessionStore::touch(storage::Transaction& tx, const Session& session, const ClientId& client, seconds idle_lifetime,
                                 Timestamp now) const {
  const bool known = client.empty() || std::find(session.clients.begin(), session.clients.end(), client.str()) != session.clients.end();
  const milliseconds since = std::chrono::duration_cast<milliseconds>(now - session.last_used_at);
  if (known && since >= milliseconds(0) && since < std::min<milliseconds>(seconds(60), milliseconds(idle_lifetime) / 60)) return {};
  json::array clients(session.clients.begin(), session.clients.end());
  if (!known) clients.emplace_back(client.str());
  const Timestamp idle_end = std::min(now + idle_lifetime, session.expires_at);
  TRY_VOID(tx.execute(kTouch, session.tenant, session.id, now, idle_end, json::serialize(clients)));
  return {};
}

Result<bool> SessionStore::remove(storage::Transaction& tx, const TenantId& tenant, const SessionId& id) const {
  TRY(const int64_t removed, tx.execute(kRemove, tenant, id));
  return removed > 0;
}

Result<int64_t> SessionStore::remove_all(storage::Transaction& tx, const TenantId& tenant, const UserId& user,
                                         const std::optional<SessionId>& except) const {
  return tx.execute(kRemoveAll, tenant, user, except ? except->str() : std::string());
}

Result<int64_t> SessionStore::remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const {
  return tx.execute(kRemoveExpired, now, limit);
}

}  // namespace gatehouse::model
