#pragma once
#include "crypto/random.h"
#include "crypto/sealing.h"
#include "model/authentication_methods/authentication_method_store.h"
#include "model/user_imports/import_row.h"

namespace gatehouse::management {

/// `mfa_factors` of imported rows as authentication methods: confirmed, for where they come from they were in use.
class ImportedFactors {
 public:
  ImportedFactors(const crypto::Sealer& sealer, crypto::Random& random) : sealer_(sealer), random_(random) {}

  /// Outside the unit of work, for it seals. Leaves out what is none (a secret of under 80 bits, a number that cannot be called); `all` is
  /// false then.
  [[nodiscard]] std::vector<model::AuthenticationMethod> make(const model::User& user, const std::vector<model::ImportedFactor>& factors,
                                                              Timestamp now, bool& all) const;
  static Result<void> insert(storage::Transaction& tx, const std::vector<model::AuthenticationMethod>& methods);
  /// For a user who is there already: adds those of kinds that it has none of. What it has enrolled itself stays as it is.
  static Result<void> add_missing(storage::Transaction& tx, const model::User& user, std::vector<model::AuthenticationMethod> methods,
                                  Timestamp now);

 private:
  const crypto::Sealer& sealer_;
  crypto::Random& random_;
};

}  // namespace gatehouse::management
