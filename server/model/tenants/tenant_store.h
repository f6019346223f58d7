#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "model/snapshot_cache.h"
#include "storage/database.h"

namespace gatehouse::model {

/// A tenant and its settings (GET /api/v2/tenants/settings), branding and prompts, read once into types.
struct Tenant {
  TenantId id;
  std::string issuer;     ///< public origin with a final slash; every link in pages and mails begins with it
  std::string host;       ///< of the issuer, with the port unless 443: the *domain*
  json::object settings;  ///< Auth0-shaped
  json::object branding;  ///< Auth0-shaped: colors, logo_url, favicon_url, font
  json::object prompts;   ///< universal_login_experience, identifier_first, webauthn_platform_first_factor

  [[nodiscard]] std::string friendly_name() const;
  [[nodiscard]] bool flag(std::string_view name) const;  ///< settings.flags.<name>
  [[nodiscard]] std::string default_directory() const;
  [[nodiscard]] std::string default_audience() const;
  [[nodiscard]] seconds session_lifetime() const;       ///< absolute; hours on the wire; default 168 h
  [[nodiscard]] seconds idle_session_lifetime() const;  ///< default 72 h
  [[nodiscard]] std::vector<std::string> allowed_logout_urls() const;
  [[nodiscard]] bool identifier_first() const;
  /// Loopback, .localhost or .test: errors may show registered values, outbound calls may go to loopback (CONTRACT.md).
  [[nodiscard]] bool is_local() const;
};

/// Tenants: one row each in `tenants(id, issuer, host, settings json, branding json, prompts json, …)`.
class TenantStore {
 public:
  explicit TenantStore(storage::Database& db);
  /// By id; null when there is none. Cached.
  [[nodiscard]] Result<std::shared_ptr<const Tenant>> find(const TenantId& id) const;
  /// The tenant of a request, which the server found by its host. Errors: internal when it is gone.
  [[nodiscard]] Result<std::shared_ptr<const Tenant>> get(const TenantId& id) const;
  [[nodiscard]] Result<std::vector<Tenant>> all(storage::Reader& reader) const;
  static Result<void> insert(storage::Transaction& tx, const Tenant& tenant, Timestamp now);
  /// Another public origin. Errors: not_found.
  Result<void> move(storage::Transaction& tx, const TenantId& id, std::string_view issuer, std::string_view host) const;
  /// Reads one of the documents ("settings", "branding", "prompts", or another singleton's name such as "attack_protection") fresh.
  [[nodiscard]] static Result<json::object> document(storage::Reader& reader, const TenantId& id, std::string_view name);
  static Result<void> put_document(storage::Transaction& tx, const TenantId& id, std::string_view name, const json::object& value);
  static Result<bool> remove_document(storage::Transaction& tx, const TenantId& id, std::string_view name);
  /// The same, cached; an empty object when never written.
  [[nodiscard]] Result<std::shared_ptr<const json::object>> cached_document(const TenantId& id, std::string_view name) const;

 private:
  storage::Database& db_;
  mutable SnapshotCache<Tenant> cache_;
  mutable SnapshotCache<json::object> documents_;
};

}  // namespace gatehouse::model
