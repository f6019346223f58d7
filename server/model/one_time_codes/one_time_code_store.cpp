#include "model/one_time_codes/one_time_code_store.h"

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kBucket = "one_time_code";
constexpr std::string_view kIssue =
    "INSERT INTO one_time_codes (tenant, purpose, subject, digest, data, wrong, created_at, expires_at, used_at) "
    "VALUES ($1, $2, $3, $4, $5, 0, $6, $7, NULL) ON CONFLICT (tenant, purpose, subject) DO UPDATE SET digest = excluded.digest, data = "
    "excluded.data, wrong = 0, created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = NULL";
#define THIS_CODE "tenant = $1 AND purpose = $2 AND subject = $3"
constexpr std::string_view kUse = "UPDATE one_time_codes SET used_at = $5 WHERE " THIS_CODE
                                  " AND digest = $4 AND used_at IS NULL AND expires_at > $5 AND wrong < $6 RETURNING data";
constexpr std::string_view kCountWrong = "UPDATE one_time_codes SET wrong = wrong + 1 WHERE " THIS_CODE
                                         " AND used_at IS NULL AND expires_at > $4 AND wrong < $5 RETURNING wrong";
constexpr std::string_view kFind = "SELECT data, wrong, expires_at, used_at FROM one_time_codes WHERE " THIS_CODE;
constexpr std::string_view kDiscard = "DELETE FROM one_time_codes WHERE " THIS_CODE;
constexpr std::string_view kRemoveExpired =
    "DELETE FROM one_time_codes WHERE (tenant, purpose, subject) IN (SELECT tenant, purpose, subject FROM one_time_codes "
    "WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";

/// Of the code together with what it is for: equal codes of two subjects have nothing in common.
std::string digest(std::string_view purpose, std::string_view subject, std::string_view code) {
  std::string all;
  for (const std::string_view part : {purpose, subject, code}) all += std::to_string(part.size()) + ":" + std::string(part);
  return hex_encode(crypto::sha256(all));
}

json::object parse_object(const std::string& text) {
  json::value value = json::parse(text);
  return value.is_object() ? std::move(value.get_object()) : json::object{};
}

}  // namespace

std::string OneTimeCodeStore::make_digits(crypto::Random& random, size_t count) {
  std::string digits;
  while (digits.size() < count)
    for (const char byte : random.bytes(count * 2))
      if (const auto b = static_cast<unsigned char>(byte); b < 250 && digits.size() < count) digits += char('0' + b % 10);
  return digits;
}

std::string OneTimeCodeStore::make_secret(crypto::Random& random) { return random.base64url(32); }

Result<bool> OneTimeCodeStore::issue(storage::Transaction& tx, const IssueCode& code, Timestamp now) const {
  const std::string& counted = code.recipient.empty() ? code.subject : code.recipient;
  TRY(const bool within, buckets_.take(tx, code.tenant, kBucket, code.purpose + " " + counted, kMessages, now));
  if (!within) return false;
  TRY_VOID(tx.execute(kIssue, code.tenant, code.purpose, code.subject, digest(code.purpose, code.subject, code.code),
                      json::serialize(code.data), now, now + code.lifetime));
  return true;
}

Result<RedeemedCode> OneTimeCodeStore::redeem(storage::Transaction& tx, const TenantId& tenant, std::string_view purpose,
                                              std::string_view subject, std::string_view code, Timestamp now) const {
  using enum RedeemedCode::Outcome;
  TRY(const auto used, tx.query_one(kUse, tenant, purpose, subject, digest(purpose, subject, code), now, kWrongTries));
  if (used) return RedeemedCode{right, parse_object(used->text(0))};
  TRY(const auto counted, tx.query_one(kCountWrong, tenant, purpose, subject, now, kWrongTries));
  if (counted) return RedeemedCode{counted->int64(0) >= kWrongTries ? too_many : wrong};
  TRY(const auto row, tx.query_one(kFind, tenant, purpose, subject));
  if (!row || !row->is_null(3)) return RedeemedCode{none};
  return RedeemedCode{row->int64(1) >= kWrongTries ? too_many : expired};
}

Result<std::optional<json::object>> OneTimeCodeStore::outstanding(storage::Reader& reader, const TenantId& tenant, std::string_view purpose,
                                                                  std::string_view subject, Timestamp now) const {
  TRY(const auto row, reader.query_one(kFind, tenant, purpose, subject));
  if (!row || !row->is_null(3) || row->time(2) <= now || row->int64(1) >= kWrongTries) return std::optional<json::object>{};
  return std::optional<json::object>(parse_object(row->text(0)));
}

Result<void> OneTimeCodeStore::discard(storage::Transaction& tx, const TenantId& tenant, std::string_view purpose,
                                       std::string_view subject) const {
  TRY_VOID(tx.execute(kDiscard, tenant, purpose, subject));
  return {};
}

Result<int64_t> OneTimeCodeStore::remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const {
  return tx.execute(kRemoveExpired, now - std::chrono::hours(1), limit);
}

}  // namespace gatehouse::model
