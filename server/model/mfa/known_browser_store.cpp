#include "model/mfa/known_browser_store.h"

#include "base/encoding.h"
#include "crypto/crypto.h"
#include "http/forwarded.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kRemember =
    "INSERT INTO remembered_browsers (tenant, digest, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kIsRemembered =
    "SELECT 1 FROM remembered_browsers WHERE tenant = $1 AND digest = $2 AND user_id = $3 AND expires_at > $4";
constexpr std::string_view kForget = "DELETE FROM remembered_browsers WHERE tenant = $1 AND user_id = $2";
constexpr std::string_view kKnows = "SELECT 1 FROM known_devices WHERE tenant = $1 AND user_id = $2 AND digest = $3 AND expires_at > $4";
constexpr std::string_view kSaw =
    "INSERT INTO known_devices (tenant, user_id, digest, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (tenant, user_id, digest) DO UPDATE SET seen_at = EXCLUDED.seen_at, expires_at = EXCLUDED.expires_at";
constexpr std::string_view kRemoveRemembered =
    "DELETE FROM remembered_browsers WHERE (tenant, digest) IN (SELECT tenant, digest FROM remembered_browsers WHERE expires_at <= $1 "
    "ORDER BY expires_at LIMIT $2)";
constexpr std::string_view kRemoveKnown =
    "DELETE FROM known_devices WHERE (tenant, user_id, digest) IN (SELECT tenant, user_id, digest FROM known_devices WHERE expires_at <= "
    "$1 ORDER BY expires_at LIMIT $2)";

std::string digest(std::string_view secret) { return hex_encode(crypto::sha256(secret)); }

/// An IPv4 /24 or an IPv6 /48: what a provider moves one person about in.
std::string network_of(std::string_view ip) {
  const auto address = http::IpAddress::parse(ip);
  if (!address) return std::string(ip);
  std::array<uint8_t, 16> bytes = address->bytes();
  std::fill(bytes.begin() + (address->is_v4() ? 15 : 6), bytes.end(), uint8_t{0});
  return http::IpAddress(bytes).to_string();
}

}  // namespace

std::string KnownBrowserStore::make_cookie(crypto::Random& random) { return random.base64url(32); }

Result<void> KnownBrowserStore::remember(storage::Transaction& tx, const TenantId& tenant, const UserId& user, std::string_view cookie,
                                         Timestamp now) const {
  TRY_VOID(tx.execute(kRemember, tenant, digest(cookie), user, now, now + kRememberedBrowserLifetime));
  return {};
}

Result<bool> KnownBrowserStore::is_remembered(storage::Reader& reader, const TenantId& tenant, const UserId& user, std::string_view cookie,
                                              Timestamp now) const {
  if (cookie.empty()) return false;
  TRY(const std::optional<storage::Row> row, reader.query_one(kIsRemembered, tenant, digest(cookie), user, now));
  return row.has_value();
}

Result<int64_t> KnownBrowserStore::forget(storage::Transaction& tx, const TenantId& tenant, const UserId& user) const {
  return tx.execute(kForget, tenant, user);
}

std::string KnownBrowserStore::device(std::string_view user_agent, std::string_view ip) {
  return digest(network_of(ip) + " " + std::string(user_agent.substr(0, 512)));
}

Result<bool> KnownBrowserStore::knows(storage::Reader& reader, const TenantId& tenant, const UserId& user, std::string_view device,
                                      Timestamp now) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(kKnows, tenant, user, device, now));
  return row.has_value();
}

Result<void> KnownBrowserStore::saw(storage::Transaction& tx, const TenantId& tenant, const UserId& user, std::string_view device,
                                    Timestamp now) const {
  TRY_VOID(tx.execute(kSaw, tenant, user, device, now, now + kKnownDeviceLifetime));
  return {};
}

Result<int64_t> KnownBrowserStore::remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const {
  TRY(const int64_t remembered, tx.execute(kRemoveRemembered, now, limit));
  TRY(const int64_t known, tx.execute(kRemoveKnown, now, limit));
  return std::max(remembered, known);
}

}  // namespace gatehouse::model
