#include "model/authentication_methods/authentication_method_store.h"

#include "model/resealing.h"

namespace gatehouse::model {
namespace {

#define METHOD_COLUMNS                                                                                                               \
  "id, user_id, type, name, confirmed, phone_number, email, secret, digest, credential_id, counter, data, created_at, enrolled_at, " \
  "last_auth_at, expires_at"

constexpr std::string_view kCount = "SELECT COUNT(*) FROM authentication_methods WHERE tenant = $1 AND user_id = $2";
constexpr std::string_view kInsert = "INSERT INTO authentication_methods (tenant, " METHOD_COLUMNS
                                     ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
constexpr std::string_view kFind =
    "SELECT " METHOD_COLUMNS " FROM authentication_methods WHERE tenant = $1 AND id = $2 AND (expires_at IS NULL OR expires_at > $3)";
constexpr std::string_view kFindByCredential = "SELECT " METHOD_COLUMNS
                                               " FROM authentication_methods WHERE tenant = $1 AND credential_id = $2 AND (expires_at IS "
                                               "NULL OR expires_at > $3)";
constexpr std::string_view kList =
    "SELECT " METHOD_COLUMNS
    " FROM authentication_methods WHERE tenant = $1 AND user_id = $2 AND (expires_at IS NULL OR expires_at > "
    "$3) ORDER BY created_at";
constexpr std::string_view kUpdate =
    "UPDATE authentication_methods SET name = $3, confirmed = $4, phone_number = $5, email = $6, secret = $7, digest = $8, credential_id = "
    "$9, data = $10, enrolled_at = $11, last_auth_at = $12, expires_at = $13 WHERE tenant = $1 AND id = $2";
constexpr std::string_view kConfirm =
    "UPDATE authentication_methods SET confirmed = TRUE, enrolled_at = $3, last_auth_at = $3, expires_at = NULL "
    "WHERE tenant = $1 AND id = $2 AND confirmed = FALSE AND expires_at > $3";
constexpr std::string_view kAdvance =
    "UPDATE authentication_methods SET counter = $3, last_auth_at = $4 WHERE tenant = $1 AND id = $2 AND (counter < $3 OR (counter = 0 AND "
    "$3 = 0))";
constexpr std::string_view kUsed = "UPDATE authentication_methods SET last_auth_at = $3 WHERE tenant = $1 AND id = $2";
constexpr std::string_view kReplaceDigest =
    "UPDATE authentication_methods SET digest = $4, last_auth_at = $5 WHERE tenant = $1 AND id = $2 AND digest = $3";
constexpr std::string_view kMove = "UPDATE authentication_methods SET user_id = $4 WHERE tenant = $1 AND id = $2 AND user_id = $3";
constexpr std::string_view kRemove = "DELETE FROM authentication_methods WHERE tenant = $1 AND id = $2 AND user_id = $3";
constexpr std::string_view kRemoveAll = "DELETE FROM authentication_methods WHERE tenant = $1 AND user_id = $2";
constexpr std::string_view kRemoveExpired =
    "DELETE FROM authentication_methods WHERE (tenant, id) IN (SELECT tenant, id FROM authentication_methods WHERE expires_at <= $1 ORDER "
    "BY expires_at LIMIT $2)";

/// In `data`, beside the further properties: what is never searched by.
constexpr std::string_view kWebAuthn = "webauthn";

std::optional<std::string> credential_id(const AuthenticationMethod& method) {
  return method.webauthn ? std::optional(method.webauthn->id) : std::nullopt;
}

std::string data_json(const AuthenticationMethod& method) {
  json::object data = method.data;
  if (method.webauthn) {
    const WebAuthnCredential& c = *method.webauthn;
    data[kWebAuthn] = json::object{{"public_key", c.public_key},
                                   {"rp_id", c.rp_id},
                                   {"user_handle", c.user_handle},
                                   {"aaguid", c.aaguid},
                                   {"attestation_format", c.attestation_format},
                                   {"transports", json::array(c.transports.begin(), c.transports.end())},
                                   {"backup_eligible", c.backup_eligible},
                                   {"backed_up", c.backed_up}};
  }
  return json::serialize(data);
}

WebAuthnCredential read_webauthn(std::string id, const json::object& data) {
  const auto text = [&](std::string_view name) { return std::string(get_string(data, name).value_or("")); };
  return {.id = std::move(id),
          .public_key = text("public_key"),
          .rp_id = text("rp_id"),
          .user_handle = text("user_handle"),
          .aaguid = text("aaguid"),
          .attestation_format = text("attestation_format"),
          .transports = get_strings(data, "transports"),
          .backup_eligible = get_bool(data, "backup_eligible").value_or(false),
          .backed_up = get_bool(data, "backed_up").value_or(false)};
}

AuthenticationMethod read_method(const TenantId& tenant, const storage::Row& row) {
  AuthenticationMethod method;
  method.id = row.text(0);
  method.tenant = tenant;
  method.user = UserId(row.text(1));
  method.type = row.text(2);
  method.name = row.text(3);
  method.confirmed = row.boolean(4);
  method.phone_number = row.text_or_null(5);
  method.email = row.text_or_null(6);
  method.secret = row.text_or_null(7);
  method.digest = row.text_or_null(8);
  method.counter = row.int64(10);
  if (json::value data = json::parse(row.text(11)); data.is_object()) method.data = std::move(data.get_object());
  if (!row.is_null(9)) {
    const json::object* described = get_object(method.data, kWebAuthn);
    method.webauthn = read_webauthn(row.text(9), described ? *described : json::object{});
    method.data.erase(kWebAuthn);
  }
  method.created_at = row.time(12);
  method.enrolled_at = row.time_or_null(13);
  method.last_auth_at = row.time_or_null(14);
  method.expires_at = row.time_or_null(15);
  return method;
}

Result<std::optional<AuthenticationMethod>> one(const TenantId& tenant, Result<std::optional<storage::Row>> row) {
  if (!row) return std::move(row).error();
  if (!*row) return std::optional<AuthenticationMethod>{};
  return std::optional(read_method(tenant, **row));
}

}  // namespace

std::string AuthenticationMethodStore::make_id(std::string_view type, crypto::Random& random) {
  return std::string(type) + "|dev_" + random.alphanumeric(16);
}

std::string AuthenticationMethodStore::secret_context(const TenantId& tenant, std::string_view id) {
  return sealed_context("authentication_methods", "secret", tenant.str() + "/" + std::string(id));
}

Result<void> AuthenticationMethodStore::insert(storage::Transaction& tx, const AuthenticationMethod& m) const {
  TRY(const std::optional<storage::Row> count, tx.query_one(kCount, m.tenant, m.user));
  if (count && count->int64(0) >= static_cast<int64_t>(kMaxMethods))
    return Error{Errc::invalid_argument, "The user has too many authentication methods."};
  const std::optional<Timestamp> end = m.confirmed ? std::nullopt : std::optional(m.expires_at.value_or(m.created_at + kEnrolmentLifetime));
  TRY_VOID(tx.execute(kInsert, m.tenant, m.id, m.user, m.type, m.name, m.confirmed, m.phone_number, m.email, m.secret, m.digest,
                      credential_id(m), m.counter, data_json(m), m.created_at, m.enrolled_at, m.last_auth_at, end));
  return {};
}

Result<std::optional<AuthenticationMethod>> AuthenticationMethodStore::find(storage::Reader& reader, const TenantId& tenant,
                                                                            std::string_view id, Timestamp now) const {
  return one(tenant, reader.query_one(kFind, tenant, id, now));
}

Result<std::optional<AuthenticationMethod>> AuthenticationMethodStore::find_by_credential(storage::Reader& reader, const TenantId& tenant,
                                                                                          std::string_view credential_id,
                                                                                          Timestamp now) const {
  return one(tenant, reader.query_one(kFindByCredential, tenant, credential_id, now));
}

Result<std::vector<AuthenticationMethod>> AuthenticationMethodStore::list(storage::Reader& reader, const TenantId& tenant,
                                                                          const UserId& user, Which which, Timestamp now) const {
  TRY(const storage::Rows rows, reader.query(kList, tenant, user, now));
  std::vector<AuthenticationMethod> methods;
  for (const storage::Row& row : rows) {
    AuthenticationMethod method = read_method(tenant, row);
    if (method.confirmed || which == Which::all) methods.push_back(std::move(method));
  }
  return methods;
}

Result<bool> AuthenticationMethodStore::update(storage::Transaction& tx, const AuthenticationMethod& m) const {
  TRY(const int64_t changed, tx.execute(kUpdate, m.tenant, m.id, m.name, m.confirmed, m.phone_number, m.email, m.secret, m.digest,
                                        credential_id(m), data_json(m), m.enrolled_at, m.last_auth_at, m.expires_at));
  return changed == 1;
}

Result<bool> AuthenticationMethodStore::confirm(storage::Transaction& tx, const TenantId& tenant, std::string_view id,
                                                Timestamp now) const {
  TRY(const int64_t changed, tx.execute(kConfirm, tenant, id, now));
  return changed == 1;
}

Result<bool> AuthenticationMethodStore::advance(storage::Transaction& tx, const TenantId& tenant, std::string_view id, int64_t counter,
                                                Timestamp now) const {
  TRY(const int64_t changed, tx.execute(kAdvance, tenant, id, counter, now));
  return changed == 1;
}

Result<bool> AuthenticationMethodStore::used(storage::Transaction& tx, const TenantId& tenant, std::string_view id, Timestamp now) const {
  TRY(const int64_t changed, tx.execute(kUsed, tenant, id, now));
  return changed == 1;
}

Result<bool> AuthenticationMethodStore::replace_digest(storage::Transaction& tx, const TenantId& tenant, std::string_view id,
                                                       std::string_view digest, std::string_view successor, Timestamp now) const {
  TRY(const int64_t changed, tx.execute(kReplaceDigest, tenant, id, digest, successor, now));
  return changed == 1;
}

Result<void> AuthenticationMethodStore::move_passkeys(storage::Transaction& tx, const TenantId& tenant, const UserId& from, const UserId& to,
                                                      std::string_view own_id, Timestamp now) const {
  TRY(const std::vector<AuthenticationMethod> all, list(tx, tenant, from, Which::confirmed, now));
  for (const AuthenticationMethod& method : all)
    if (method.type == method_type::kPasskey && get_string(method.data, "identity_user_id").value_or(own_id) == own_id)
      TRY_VOID(tx.execute(kMove, tenant, method.id, from, to));
  return {};
}

Result<bool> AuthenticationMethodStore::remove(storage::Transaction& tx, const TenantId& tenant, const UserId& user,
                                               std::string_view id) const {
  TRY(const int64_t removed, tx.execute(kRemove, tenant, id, user));
  return removed == 1;
}

Result<int64_t> AuthenticationMethodStore::remove_all(storage::Transaction& tx, const TenantId& tenant, const UserId& user) const {
  return tx.execute(kRemoveAll, tenant, user);
}

Result<int64_t> AuthenticationMethodStore::remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const {
  return tx.execute(kRemoveExpired, now, limit);
}

}  // namespace gatehouse::model
