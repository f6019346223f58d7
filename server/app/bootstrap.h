#pragma once
#include <string>

#include "app/data_folder.h"
#include "config/settings.h"
#include "crypto/password_hash.h"
#include "crypto/random.h"
#include "crypto/sealing.h"
#include "model/bootstrap.h"
#include "model/keys/key_store.h"
#include "model/users/user_store.h"
#include "storage/database.h"

namespace gatehouse::app {

/// What a database must agree on with the process that opens it, and what an empty one is filled with.
struct Bootstrap {
  storage::Database& db;
  const config::Settings& settings;
  const TlsFiles& tls;
  const crypto::Sealer& sealer;
  crypto::Random& random;
  const Clock& clock;
  const model::FirstStores& first;
  const model::TenantStore& tenants;
  const model::UserStore& users;
  const model::KeyStore& keys;
  crypto::PasswordHasher& hasher;

  /// Checks that the master key opens this database (its canary). Errors: a sentence for the operator.
  Result<void> check_master_key() const;
  /// The tenant of this process. An empty database gets one, with everything CONTRACT's first start promises, and DATA/bootstrap.json;
  /// a database whose tenant has another issuer is refused, unless it is a SQLite file, which nobody else can have open: then the
  /// tenant moves to the new issuer.
  Result<void> ensure_tenant() const;

 private:
  Result<void> create_tenant() const;
  Result<void> move_tenant(const model::Tenant& from) const;
};

/// The name of the first tenant.
inline constexpr const char* kFirstTenant = "gatehouse";

}  // namespace gatehouse::app
