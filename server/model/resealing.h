#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "crypto/sealing.h"
#include "storage/database.h"

namespace gatehouse::model {

/// A column in which secrets stand sealed under the master key (crypto::Sealer). Their context, which a sealed value is bound to, is
/// always "table/where/row": `where` is the column of a plain one; in JSON it is the names of the members on the way to the value, joined
/// by dots, positions in lists left out ("client_secret", "credentials.smtp_pass", "secrets.value").
struct SealedColumn {
  enum class Form { plain, json };
  std::string table, column;
  Form form;
  std::vector<std::string> row;        ///< the primary key
  std::vector<std::string> row_named;  ///< which of them the context names, joined by slashes; `tenant` where an id alone may repeat
};

/// Every such column. Whoever seals something in another one adds it here, or `gatehouse rekey` says that it was forgotten.
const std::vector<SealedColumn>& sealed_columns();

/// The context of a secret at `where` in a row, named as its SealedColumn says.
std::string sealed_context(std::string_view table, std::string_view where, std::string_view row);

/// Seals anew what is not sealed under the current master key: `gatehouse rekey`.
class Resealing {
 public:
  explicit Resealing(const crypto::Sealer& sealer) : sealer_(sealer) {}

  struct Outcome {
    int64_t outdated = 0;               ///< sealed under another key than the current one (and, by run(), now no longer)
    std::vector<std::string> unopened;  ///< contexts of what looks sealed but does not open with the keys at hand; left as it is
  };
  /// What run() would do. Blocks: reads every sealed column.
  [[nodiscard]] Result<Outcome> look(storage::Database& db) const;
  /// Goes through all tenants in units of work of a few hundred rows; interrupted, it may begin again. What others write meanwhile is kept.
  [[nodiscard]] Result<Outcome> run(storage::Database& db) const;

 private:
  Result<void> go_through(storage::Database& db, const SealedColumn& column, bool change, Outcome& outcome) const;
  /// Whether `text`, a sealed value, was changed.
  bool reseal(std::string& text, const std::string& context, Outcome& outcome) const;
  bool reseal(json::value& value, const SealedColumn& column, const std::string& where, const std::string& row, Outcome& outcome) const;
  const crypto::Sealer& sealer_;
};

/// The columns ("table.column") of the whole database in which something still refers to a master key. Reads every text of every table.
Result<std::vector<std::string>> columns_sealed_under(storage::Database& db, std::string_view key_id);

}  // namespace gatehouse::model
