#include "model/tickets/ticket_store.h"

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::model {
namespace {

// Older tickets of the kind are voided, not deleted: their links then say that a newer one was sent.
constexpr std::string_view kVoidOlder =
    "UPDATE tickets SET used_at = $4 WHERE tenant = $1 AND user_id = $2 AND kind = $3 AND used_at IS NULL";
constexpr std::string_view kInsert =
    "INSERT INTO tickets (tenant, digest, kind, user_id, data, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr std::string_view kFind =
    "SELECT kind, user_id, data, created_at, expires_at, used_at FROM tickets WHERE tenant = $1 AND digest = $2";
constexpr std::string_view kConsume =
    "UPDATE tickets SET used_at = $4 WHERE tenant = $1 AND digest = $2 AND kind = $3 AND used_at IS NULL AND expires_at > $4";
constexpr std::string_view kKeep = "UPDATE tickets SET data = $3 WHERE tenant = $1 AND digest = $2 AND used_at IS NULL";
// A used or expired ticket is kept for a day, so that its link can say what happened to it.
constexpr std::string_view kRemoveExpired =
    "DELETE FROM tickets WHERE (tenant, digest) IN (SELECT tenant, digest FROM tickets WHERE expires_at <= $1 ORDER BY expires_at LIMIT "
    "$2)";

std::string digest(std::string_view secret) { return hex_encode(crypto::sha256(secret)); }

}  // namespace

std::string TicketStore::make_secret(crypto::Random& random) { return random.base64url(32); }

Result<void> TicketStore::insert(storage::Transaction& tx, std::string_view secret, const Ticket& ticket) const {
  TRY_VOID(tx.execute(kVoidOlder, ticket.tenant, ticket.user, ticket.kind, ticket.created_at));
  TRY_VOID(tx.execute(kInsert, ticket.tenant, digest(secret), ticket.kind, ticket.user, json::serialize(ticket.data), ticket.created_at,
                      ticket.expires_at));
  return {};
}

Result<TicketStore::Found> TicketStore::find(storage::Reader& reader, const TenantId& tenant, std::string_view kind,
                                             std::string_view secret, Timestamp now) const {
  if (secret.empty()) return Found{};
  TRY(const std::optional<storage::Row> row, reader.query_one(kFind, tenant, digest(secret)));
  if (!row || row->text(0) != kind) return Found{};
  json::value data = json::parse(row->text(2));
  Found found;
  found.ticket =
      Ticket{row->text(0), tenant, UserId(row->text(1)), data.is_object() ? data.get_object() : json::object{}, row->time(3), row->time(4)};
  found.state = !row->is_null(5) ? State::used : row->time(4) <= now ? State::expired : State::valid;
  return found;
}

Result<void> TicketStore::keep(storage::Transaction& tx, const TenantId& tenant, std::string_view secret, const json::object& data) const {
  TRY_VOID(tx.execute(kKeep, tenant, digest(secret), json::serialize(data)));
  return {};
}

Result<bool> TicketStore::consume(storage::Transaction& tx, const TenantId& tenant, std::string_view kind, std::string_view secret,
                                  Timestamp now) const {
  TRY(const int64_t changed, tx.execute(kConsume, tenant, digest(secret), kind, now));
  return changed == 1;
}

Result<int64_t> TicketStore::remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const {
  return tx.execute(kRemoveExpired, now - std::chrono::hours(24), limit);
}

}  // namespace gatehouse::model
