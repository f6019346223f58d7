#include "storage/database.h"

#include <mutex>
#include <stdexcept>

#include "storage/errors.h"
#include "storage/postgres/postgres_database.h"
#include "storage/sqlite/sqlite_database.h"

namespace gatehouse::storage {
namespace {

template <class T>
const T& as(const Value& value, size_t column, const char* type) {
  if (const T* held = std::get_if<T>(&value.get())) return *held;
  throw std::logic_error("column " + std::to_string(column) + " is not " + type);
}

}  // namespace

const std::string& Row::text(size_t column) const { return as<std::string>(values_.at(column), column, "text"); }
int64_t Row::int64(size_t column) const { return as<int64_t>(values_.at(column), column, "an int64"); }
const std::string& Row::bytes(size_t column) const { return as<Bytes>(values_.at(column), column, "bytes").data; }

bool Row::boolean(size_t column) const {
  const Value& value = values_.at(column);
  if (const int64_t* number = std::get_if<int64_t>(&value.get()); number && (*number == 0 || *number == 1)) return *number == 1;
  return as<bool>(value, column, "a bool");
}

struct Subscription::State {
  std::mutex mutex;
  Database::Subscriber subscriber;
};

Subscription::Subscription(Database& database, Database::Subscriber subscriber) : state_(std::make_shared<State>()) {
  state_->subscriber = std::move(subscriber);
  database.subscribe([state = state_](const TenantId& tenant, std::string_view what) {
    const std::lock_guard lock(state->mutex);
    if (state->subscriber) state->subscriber(tenant, what);
  });
}

Subscription::~Subscription() {
  const std::lock_guard lock(state_->mutex);
  state_->subscriber = nullptr;
}

bool violates(const Error& error, std::string_view table_column) {
  if (error.code != Errc::unique_violation) return false;
  std::string_view rest = error.detail;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(", "), rest.size());
    if (rest.substr(0, end) == table_column) return true;
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return false;
}

Result<std::unique_ptr<Database>> open_database(const DatabaseOptions& options) {
  if (options.url.starts_with("sqlite:")) return open_sqlite(options);
  if (options.url.starts_with("postgresql://") || options.url.starts_with("postgres://")) return open_postgres(options);
  return Error{Errc::invalid_argument, "The database URL must begin with sqlite: or postgresql://.", ""};
}

Result<void> backup_database(const DatabaseOptions& options, const std::string& file) {
  if (options.url.starts_with("sqlite:")) return backup_sqlite(options, file);
  TRY(const std::unique_ptr<Database> database, open_database(options));
  return database->backup(file);
}

}  // namespace gatehouse::storage
