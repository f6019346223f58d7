#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "crypto/sealing.h"
#include "storage/database.h"

namespace gatehouse::jobs {

/// Files that jobs read or made, as numbered pieces in the database, sealed: they may hold secrets of many people. Pieces of a job that
/// is gone are removed by and by.
class JobFiles {
 public:
  /// Size of a piece in bytes: the writer is busy with one for a millisecond or two.
  static constexpr size_t piece_size = 384 * 1024;

  explicit JobFiles(const crypto::Sealer& sealer) : sealer_(sealer) {}

  /// A piece in the form add() takes: sealed outside the unit of work.
  [[nodiscard]] std::string seal(const TenantId& tenant, std::string_view job, int64_t number, std::string_view content) const;
  static Result<void> add(storage::Transaction& tx, const TenantId& tenant, std::string_view job, int64_t number, std::string_view sealed,
                          Timestamp now);
  /// Nullopt: there is no such piece (any more).
  [[nodiscard]] Result<std::optional<std::string>> read(storage::Reader& reader, const TenantId& tenant, std::string_view job,
                                                        int64_t number) const;
  /// Removes up to `limit` pieces with numbers below `number`. Pieces removed.
  static Result<int64_t> remove_before(storage::Transaction& tx, const TenantId& tenant, std::string_view job, int64_t number, int64_t limit);
  /// Removes up to `limit` pieces that are older than `before` and whose job does not exist: its day is over, or it was never made because
  /// the upload broke off.
  static Result<int64_t> remove_orphans(storage::Transaction& tx, Timestamp before, int64_t limit);

 private:
  const crypto::Sealer& sealer_;
};

/// Why rows of an import failed.
class JobErrors {
 public:
  /// `errors` is the text of a JSON array; its number tells it from the job's others and orders them.
  static Result<void> add(storage::Transaction& tx, const TenantId& tenant, std::string_view job, int64_t number, std::string_view errors,
                          Timestamp now);
  /// The text of one JSON array; empty when there are no errors.
  static Result<std::string> all(storage::Reader& reader, const TenantId& tenant, std::string_view job);
  static Result<int64_t> remove_orphans(storage::Transaction& tx, Timestamp before, int64_t limit);
};

}  // namespace gatehouse::jobs
