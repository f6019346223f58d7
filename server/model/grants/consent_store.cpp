#include "model/grants/consent_store.h"

#include <algorithm>

#include "base/json.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kFind = "SELECT scopes FROM consents WHERE tenant = $1 AND user_id = $2 AND client_id = $3 AND audience = $4";
constexpr std::string_view kPut =
    "INSERT INTO consents (tenant, user_id, client_id, audience, scopes, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $6)"
    " ON CONFLICT (tenant, user_id, client_id, audience) DO UPDATE SET scopes = excluded.scopes, updated_at = excluded.updated_at";

}  // namespace

Result<std::vector<std::string>> ConsentStore::scopes(storage::Reader& reader, const TenantId& tenant, const UserId& user,
                                                      const ClientId& client, std::string_view audience) const {
  TRY(const std::optional<storage::Row> row, reader.query_one(kFind, tenant, user, client, audience));
  std::vector<std::string> allowed;
  if (!row) return allowed;
  TRY(const json::value value, parse_json(row->text(0)));
  for (const json::value& scope : value.as_array()) allowed.emplace_back(scope.as_string());
  return allowed;
}

Result<void> ConsentStore::allow(storage::Transaction& tx, const TenantId& tenant, const UserId& user, const ClientId& client,
                                 std::string_view audience, const std::vector<std::string>& scopes, Timestamp now) const {
  TRY(std::vector<std::string> all, this->scopes(tx, tenant, user, client, audience));
  for (const std::string& scope : scopes)
    if (std::find(all.begin(), all.end(), scope) == all.end()) all.push_back(scope);
  TRY_VOID(tx.execute(kPut, tenant, user, client, audience, json::serialize(json::array(all.begin(), all.end())), now));
  return {};
}

}  // namespace gatehouse::model
