#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "storage/database.h"

namespace gatehouse::storage {

/// Many rows of one table in few statements. They come in four sizes, so that their texts are constants that stay prepared, and are
/// filled before the unit of work begins, so that the writer only binds and steps. Rows that are sorted by key are inserted faster.
class BulkInsert {
 public:
  /// INSERT texts for 64, 16, 4 and 1 rows. Made once, as a constant.
  class Statement {
   public:
    /// `into`: table and columns, such as "roles (tenant, id)"; `tail`: "" or "ON CONFLICT DO NOTHING".
    Statement(std::string_view into, size_t columns, std::string_view tail = "");

   private:
    friend class BulkInsert;
    static constexpr std::array<size_t, 4> sizes{64, 16, 4, 1};
    size_t columns_;
    std::array<std::string, sizes.size()> texts_;
  };

  explicit BulkInsert(const Statement& statement) : statement_(&statement) {}

  /// One row; as many values as there are columns.
  template <class... A>
  void add(A&&... values) {
    if (pieces_.empty() || pieces_.back().size() == statement_->columns_ * Statement::sizes.front()) {
      pieces_.emplace_back().reserve(statement_->columns_ * Statement::sizes.front());
    }
    (pieces_.back().emplace_back(std::forward<A>(values)), ...);
  }
  /// After the last row: cuts what is left over into statements.
  void close();
  /// Runs the statements; may be called again with another transaction. Rows changed.
  Result<int64_t> run(Transaction& tx) const;

 private:
  const Statement* statement_;
  std::vector<std::vector<Value>> pieces_;  ///< the arguments of one statement each
};

}  // namespace gatehouse::storage
