#include "model/transactions/transaction_store.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO login_transactions (tenant, id, client_id, browser_digest, request, step, flow, user_id, session_id, rounds, created_at, "
    "expires_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
constexpr std::string_view kFind =
    "SELECT client_id, browser_digest, request, step, flow, user_id, session_id, rounds, created_at, expires_at FROM login_transactions "
    "WHERE tenant = $1 AND id = $2 AND expires_at > $3";
constexpr std::string_view kClientOf = "SELECT client_id FROM login_transactions WHERE tenant = $1 AND id = $2";
constexpr std::string_view kUpdate =
    "UPDATE login_transactions SET step = $3, flow = $4, user_id = $5, session_id = $6, rounds = $7, browser_digest = $8 WHERE tenant = $1 "
    "AND id = $2";
constexpr std::string_view kRemove = "DELETE FROM login_transactions WHERE tenant = $1 AND id = $2";
constexpr std::string_view kRemoveExpired =
    "DELETE FROM login_transactions WHERE (tenant, id) IN (SELECT tenant, id FROM login_transactions WHERE expires_at <= $1 ORDER BY "
    "expires_at LIMIT $2)";

json::object object(const std::string& text) {
  json::value value = json::parse(text);
  return value.is_object() ? std::move(value.get_object()) : json::object{};
}

}  // namespace

std::string TransactionStore::make_state(crypto::Random& random) { return random.base64url(32); }

std::string TransactionStore::make_cookie(crypto::Random& random) { return random.base64url(16); }

bool TransactionStore::is_cookie(std::string_view value) {
  return value.size() >= 22 && value.size() <= 64 && std::all_of(value.begin(), value.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

std::string TransactionStore::digest(std::string_view state_or_cookie) { return hex_encode(crypto::sha256(state_or_cookie)); }

Result<void> TransactionStore::insert(storage::Transaction& tx, const LoginTransaction& t) const {
  TRY_VOID(tx.execute(kInsert, t.tenant, t.id, t.client, t.browser_digest, json::serialize(t.request), t.step, json::serialize(t.flow),
                      t.user, t.session, t.rounds, t.created_at, t.expires_at));
  return {};
}

Result<std::optional<LoginTransaction>> TransactionStore::find(storage::Reader& reader, const TenantId& tenant, std::string_view state,
                                                               std::string_view browser_cookie, Timestamp now) const {
  if (state.empty() || browser_cookie.empty()) return std::optional<LoginTransaction>{};
  const std::string id = digest(state);
  TRY(const std::optional<storage::Row> row, reader.query_one(kFind, tenant, id, now));
  // A state that came from another browser is as good as none: no login CSRF (RFC 6819 §4.4.1.8).
  if (!row || !crypto::constant_time_equal(row->text(1), digest(browser_cookie))) return std::optional<LoginTransaction>{};
  LoginTransaction t;
  t.id = id;
  t.tenant = tenant;
  t.client = ClientId(row->text(0));
  t.browser_digest = row->text(1);
  t.request = object(row->text(2));
  t.step = row->text(3);
  t.flow = object(row->text(4));
  if (!row->is_null(5)) t.user = UserId(row->text(5));
  if (!row->is_null(6)) t.session = SessionId(row->text(6));
  t.rounds = row->int64(7);
  t.created_at = row->time(8);
  t.expires_at = row->time(9);
  return std::optional<LoginTransaction>(std::move(t));
}

Result<std::optional<ClientId>> TransactionStore::client_of(storage::Reader& reader, const TenantId& tenant, std::string_view state) const {
  if (state.empty()) return std::optional<ClientId>{};
  TRY(const std::optional<storage::Row> row, reader.query_one(kClientOf, tenant, digest(state)));
  return row ? std::optional<ClientId>(ClientId(row->text(0))) : std::optional<ClientId>{};
}

Result<void> TransactionStore::update(storage::Transaction& tx, const LoginTransaction& t) const {
  TRY_VOID(tx.execute(kUpdate, t.tenant, t.id, t.step, json::serialize(t.flow), t.user, t.session, t.rounds, t.browser_digest));
  return {};
}

Result<bool> TransactionStore::remove(storage::Transaction& tx, const TenantId& tenant, std::string_view id) const {
  TRY(const int64_t removed, tx.execute(kRemove, tenant, id));
  return removed > 0;
}

Result<int64_t> TransactionStore::remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const {
  return tx.execute(kRemoveExpired, now, limit);
}

}  // namespace gatehouse::model
