#pragma once
#include <libpq-fe.h>

#include <string>
#include <vector>

#include "storage/database.h"

// Values on their way to and from libpq; included by the .cpp files of this folder only.
namespace gatehouse::storage::postgres {

/// Arguments in the form PQsendQueryPrepared takes. Types are left to the server, which knows the columns; bytes travel in binary
/// form, everything else as text.
class Parameters {
 public:
  explicit Parameters(const std::vector<Value>& arguments);
  [[nodiscard]] int count() const { return static_cast<int>(values_.size()); }
  [[nodiscard]] const char* const* values() const { return values_.data(); }
  [[nodiscard]] const int* lengths() const { return lengths_.data(); }
  [[nodiscard]] const int* formats() const { return formats_.data(); }

 private:
  std::vector<std::string> numbers_;  ///< the texts of integers
  std::vector<const char*> values_;
  std::vector<int> lengths_, formats_;
};

/// The rows of an answer by the types the server names. Errors: internal (a type that a Row does not hold).
Result<Rows> rows_of(const PGresult* result);

/// Our code for an SQLSTATE. Collisions (40001, 40P01) that outlive all retries are `overloaded`.
Errc code_of_sqlstate(std::string_view sqlstate);

/// "table.column, table.column" of a unique violation.
std::string violated_columns(const PGresult* result);

}  // namespace gatehouse::storage::postgres
