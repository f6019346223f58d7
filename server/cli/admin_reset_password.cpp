#include <cstdio>

#include "base/encoding.h"
#include "cli/commands.h"
#include "cli/management_client.h"
#include "crypto/password_hash.h"
#include "http/request.h"
#include "model/refresh_tokens/refresh_token_store.h"
#include "model/sessions/session_store.h"
#include "model/tenants/tenant_store.h"
#include "model/users/user_store.h"

namespace gatehouse::cli {
namespace {

/// No server has the database: the password is set on it directly, and the user's sessions and refresh tokens end.
Result<void> reset_offline(storage::Database& db, const config::Settings& settings, const std::string& email, const std::string& password) {
  const auto address = model::normalize_email(email);
  if (!address) return Error{Errc::invalid_argument, email + " is not an e-mail address"};
  crypto::SystemRandom random;
  crypto::PasswordHasher hasher({.memory_kib = unsigned(settings.hash_memory_kib), .passes = unsigned(settings.hash_passes)}, random);
  TRY(const std::string hash, hasher.hash(password));
  const Timestamp now = SystemClock().now();
  model::UserStore users(db);
  model::SessionStore sessions(db);
  const model::RefreshTokenStore refresh_tokens;
  const model::TenantStore tenants(db);
  return db.write([&](storage::Transaction& tx) -> Result<void> {
    TRY(const std::vector<model::Tenant> all, tenants.all(tx));
    for (const model::Tenant& tenant : all) {
      TRY(const std::vector<model::User> found, users.find_by_email(tx, tenant.id, *address));
      for (const model::User& user : found) {
        TRY(const auto current, users.password(tx, tenant.id, user.id));
        if (!current) continue;
        TRY_VOID(users.set_password(tx, tenant.id, user.id, hash, 0, now));
        TRY_VOID(sessions.remove_all(tx, tenant.id, user.id));
        TRY_VOID(refresh_tokens.remove_of_user(tx, tenant.id, user.id));
        return {};
      }
    }
    return Error{Errc::not_found, "There is no user with a password and the address " + email};
  });
}

/// A server runs: it does the work, as for any administrator.
Result<void> reset_through_server(ManagementClient& api, const std::string& email, const std::string& password) {
  TRY(const json::value found, api.expect("GET", "/users-by-email?email=" + http::percent_encode(to_lower_ascii(email))));
  for (const json::value& user : found.as_array()) {
    const json::array& identities = user.at("identities").as_array();
    if (identities.empty() || get_string(identities.front().as_object(), "provider") != "auth0") continue;
    const std::string path = "/users/" + http::percent_encode(std::string(user.at("user_id").as_string()));
    TRY_VOID(api.expect("PATCH", path, {{"password", password}, {"connection", identities.front().at("connection").as_string()}}));
    return {};
  }
  return Error{Errc::not_found, "There is no user with a password and the address " + email};
}

}  // namespace

int admin_reset_password(const config::Settings& settings, const std::string& email) {
  crypto::SystemRandom random;
  const std::string password = random.password();
  Result<void> done;
  if (Result<ManagementClient> running = ManagementClient::connect(settings)) {
    done = reset_through_server(*running, email, password);
  } else {
    const Result<std::unique_ptr<storage::Database>> db = storage::open_database({.url = settings.database});
    done = db ? reset_offline(**db, settings, email, password) : Result<void>(db.error());
  }
  if (!done) return fail(done.error());
  std::fprintf(stderr, "The new password of %s:\n", email.c_str());
  std::printf("%s\n", password.c_str());
  return 0;
}

}  // namespace gatehouse::cli
