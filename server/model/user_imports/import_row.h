#pragma once
#include <string>

#include "crypto/random.h"
#include "model/users/user_batch.h"

namespace gatehouse::model {

/// Where rows are imported to.
struct ImportTarget {
  TenantId tenant;
  std::string connection;  ///< its name
  bool requires_username = false;
};

/// Why a row, or a part of it, was not imported: what GET /api/v2/jobs/{id}/errors shows. Codes are Auth0's.
struct RowError {
  std::string code, message, path{};
};

/// A second factor that a row brings along.
struct ImportedFactor {
  std::string_view type;  ///< method_type::…
  std::string value;      ///< a secret in base32, a number, an address
};

/// A row of the file as the user it makes.
struct ImportRow {
  NewUser fresh;                       ///< what is inserted when nobody is there yet; without position and times
  std::vector<ImportedFactor> factors{};
  bool has_custom_password_hash = false;
  bool says_email_verified = false;
  std::vector<std::string_view> given_texts{};  ///< of name, nickname …: the others got defaults
};

/// Makes ids for rows that bring none: 24 hex digits like Auth0's, of the time, chance and a count, so that what is imported together stands
/// together in every index.
class ImportIds {
 public:
  ImportIds(crypto::Random& random, Timestamp now);
  std::string next();

 private:
  std::string prefix_;
  uint32_t count_ = 0;
};

/// Checks a row against Auth0's bulk import schema, decodes its password hash, normalises identifiers, fills in defaults. `user_id` gets
/// Auth0's prefix. `now` becomes both times of the user.
Result<ImportRow, RowError> read_import_row(const json::value& row, const ImportTarget& target, ImportIds& ids, Timestamp now);

/// Writes what an upsert may change over an existing user: e-mail state, profile, metadata (replaced as a whole), and its hash where the
/// user never logged in with the one imported before. Returns the hash to set, if any.
std::optional<std::string> apply_upsert(const ImportRow& row, User& user);

/// The row as an error shows it: hashes and factors hidden, long ones cut down to what identifies them.
json::object shown_row(const json::value& row);

}  // namespace gatehouse::model
