#pragma once
#include <string>
#include <vector>

#include "storage/database.h"

// Shared by both drivers, so that they fail in the same way.
namespace gatehouse::storage {

/// An error with the public sentence of its code; `detail` goes to the log.
Error database_error(Errc code, std::string detail);

/// Text must be UTF-8 without NUL: PostgreSQL can store nothing else, so neither may SQLite. Errors: invalid_argument.
Result<void> check_arguments(const std::vector<Value>& arguments);

/// Refuses a unit of work inside another one of the same database on one thread: it would wait for itself.
class NestingGuard {
 public:
  explicit NestingGuard(const Database& database);
  ~NestingGuard();
  NestingGuard(const NestingGuard&) = delete;
  NestingGuard& operator=(const NestingGuard&) = delete;
  [[nodiscard]] Result<void> allowed() const;

 private:
  bool nested_ = false;
};

}  // namespace gatehouse::storage
