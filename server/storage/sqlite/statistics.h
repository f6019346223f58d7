#pragma once
#include "storage/sqlite/connection.h"

namespace gatehouse::storage::sqlite {

/// Tells SQLite's planner what every table of this schema is like, in place of ANALYZE: a tenant may have a million rows, and each further
/// column of an index leads to a thousandth of them. Without it SQLite takes ten rows for all that a tenant has, and would rather read all
/// of them than look one up in a second index. The same words for every database keep its plans the same for ever. Writes only what differs.
Result<void> describe_tables(Connection& connection);

}  // namespace gatehouse::storage::sqlite
