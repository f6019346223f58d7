#include "model/authorization_codes/authorization_code_store.h"

#include "base/encoding.h"
#include "crypto/crypto.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO authorization_codes (tenant, digest, client_id, user_id, session_id, data, refresh_family, expires_at, used_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
constexpr std::string_view kFind =
    "SELECT digest, client_id, user_id, session_id, data, refresh_family, expires_at, used_at FROM authorization_codes"
    " WHERE tenant = $1 AND digest = $2";
constexpr std::string_view kRedeem =
    "UPDATE authorization_codes SET used_at = $3, refresh_family = $4 WHERE tenant = $1 AND digest = $2 AND used_at IS NULL";
constexpr std::string_view kRemoveExpired =
    "DELETE FROM authorization_codes WHERE (tenant, digest) IN"
    " (SELECT tenant, digest FROM authorization_codes WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";

json::array to_array(const std::vector<std::string>& values) { return json::array(values.begin(), values.end()); }

Result<AuthorizationCode> read(const TenantId& tenant, const storage::Row& row) {
  AuthorizationCode code;
  code.tenant = tenant;
  code.digest = row.text(0);
  code.client = ClientId(row.text(1));
  code.user = UserId(row.text(2));
  if (!row.is_null(3)) code.session = SessionId(row.text(3));
  TRY(const json::value data, parse_json(row.text(4)));
  const json::object& object = data.as_object();
  const auto text = [&](std::string_view name) { return std::string(get_string(object, name).value_or("")); };
  code.redirect_uri = text("redirect_uri");
  code.code_challenge = text("code_challenge");
  code.code_challenge_method = text("code_challenge_method");
  code.nonce = text("nonce");
  code.audience = text("audience");
  code.scopes = get_strings(object, "scopes");
  code.authenticated_at = from_micros(get_int(object, "authenticated_at").value_or(0));
  code.max_age_asked = get_bool(object, "max_age_asked").value_or(false);
  code.amr = get_strings(object, "amr");
  code.connection = text("connection");
  code.refresh_family = row.text(5);
  code.expires_at = row.time(6);
  code.used_at = row.time_or_null(7);
  return code;
}

}  // namespace

std::string AuthorizationCodeStore::digest(std::string_view code) { return hex_encode(crypto::sha256(code)); }

Result<void> AuthorizationCodeStore::insert(storage::Transaction& tx, const AuthorizationCode& code) const {
  json::object data{{"redirect_uri", code.redirect_uri}, {"audience", code.audience},
                    {"scopes", to_array(code.scopes)},   {"authenticated_at", to_micros(code.authenticated_at)},
                    {"amr", to_array(code.amr)},         {"connection", code.connection}};
  if (!code.code_challenge.empty()) {
    data["code_challenge"] = code.code_challenge;
    data["code_challenge_method"] = code.code_challenge_method;
  }
  if (!code.nonce.empty()) data["nonce"] = code.nonce;
  if (code.max_age_asked) data["max_age_asked"] = true;
  TRY_VOID(tx.execute(kInsert, code.tenant, code.digest, code.client, code.user, code.session, json::serialize(data), code.refresh_family,
                      code.expires_at, code.used_at));
  return {};
}

Result<std::optional<AuthorizationCode>> AuthorizationCodeStore::find(storage::Reader& reader, const TenantId& tenant,
                                                                      std::string_view digest) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(kFind, tenant, digest));
  if (!row) return std::optional<AuthorizationCode>{};
  TRY(AuthorizationCode code, read(tenant, *row));
  return std::optional<AuthorizationCode>(std::move(code));
}

Result<bool> AuthorizationCodeStore::redeem(storage::Transaction& tx, const AuthorizationCode& code, std::string_view refresh_family,
                                            Timestamp now) const {
  TRY(const int64_t changed, tx.execute(kRedeem, code.tenant, code.digest, now, refresh_family));
  return changed == 1;
}

Result<int64_t> AuthorizationCodeStore::remove_expired(storage::Transaction& tx, Timestamp now, int64_t limit) const {
  return tx.execute(kRemoveExpired, now, limit);
}

}  // namespace gatehouse::model
