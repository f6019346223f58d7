#include "model/users/user_pages.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kAll =
    "SELECT position FROM users WHERE tenant = $1 AND position > $2 AND position < $3 ORDER BY position LIMIT $4";
constexpr std::string_view kOfConnection =
    "SELECT position FROM user_terms WHERE tenant = $1 AND path = 'identities.connection' AND value = $5 AND position > $2 AND position < "
    "$3 ORDER BY position LIMIT $4";

}  // namespace

Result<UsersOfPage> read_page(storage::Reader& reader, const UserStore& store, const TenantId& tenant, const UserPage& page) {
  Result<storage::Rows> rows = page.connection.empty()
                                   ? reader.query(kAll, tenant, page.after, page.until, page.limit)
                                   : reader.query(kOfConnection, tenant, page.after, page.until, page.limit, page.connection);
  if (!rows) return std::move(rows).error();
  std::vector<int64_t> positions;
  positions.reserve(rows->size());
  for (const storage::Row& row : *rows) positions.push_back(row.int64(0));
  UsersOfPage out;
  TRY(out.users, store.at(reader, tenant, positions));
  out.last = int64_t(positions.size()) < page.limit;
  return out;
}

}  // namespace gatehouse::model
