#pragma once
#include <cstdint>
#include <string_view>

#include "storage/database.h"

/// Totals (`include_totals`) kept in the transaction that changes them; COUNT(*) would read every row. A counter is split by
/// Transaction::slot(), so that PostgreSQL's writers never wait for one hot row.
namespace gatehouse::storage::counters {

/// Adds `delta` (may be negative) to the tenant's counter `name`, which starts at 0.
Result<void> add(Transaction& tx, const TenantId& tenant, std::string_view name, int64_t delta);

/// Forgets a counter that is of no more use.
Result<void> remove(Transaction& tx, const TenantId& tenant, std::string_view name);

/// The total as this snapshot or transaction sees it; 0 for an unknown name.
Result<int64_t> get(Reader& reader, const TenantId& tenant, std::string_view name);

}  // namespace gatehouse::storage::counters
