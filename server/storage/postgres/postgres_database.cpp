#include "storage/postgres/postgres_database.h"

#include "storage/errors.h"

namespace gatehouse::storage {

Result<std::unique_ptr<Database>> open_postgres(const DatabaseOptions&) { return database_error(Errc::unavailable, "not connected"); }

}  // namespace gatehouse::storage
