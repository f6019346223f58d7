// Two users become one, and one two.
#include "model/authentication_methods/authentication_method_store.h"
#include "model/users/user_store.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kRefreshTokensOf = "SELECT id, data FROM refresh_tokens WHERE tenant = $1 AND user_id = $2";
constexpr std::string_view kEndRefreshToken = "DELETE FROM refresh_tokens WHERE tenant = $1 AND id = $2";
constexpr std::string_view kEndSessionsOf = "DELETE FROM sessions WHERE tenant = $1 AND user_id = $2 AND connection = $3";

/// What a linked account shows of the user it was.
json::object profile_of(const User& user) {
  json::object out;
  if (user.email) {
    out["email"] = *user.email;
    out["email_verified"] = user.email_verified;
  }
  if (user.username) out["username"] = *user.username;
  if (user.phone_number) {
    out["phone_number"] = *user.phone_number;
    out["phone_verified"] = user.phone_verified;
  }
  for (const auto& [key, value] : user.attributes) out[key] = value;
  return out;
}

/// The user that an account is by itself.
User user_of(const TenantId& tenant, const Identity& identity) {
  User user;
  user.id = identity.account();
  user.tenant = tenant;
  user.identities.push_back(identity);
  user.identities.front().profile_data.clear();
  user.attributes = identity.profile_data;
  const auto take = [&](std::string_view key, std::optional<std::string>& target) {
    if (const auto value = get_string(user.attributes, key)) target = std::string(*value);
    user.attributes.stable_erase(key);
  };
  const auto flag = [&](std::string_view key, bool& target) {
    target = get_bool(user.attributes, key).value_or(false);
    user.attributes.stable_erase(key);
  };
  take("email", user.email);
  take("username", user.username);
  take("phone_number", user.phone_number);
  flag("email_verified", user.email_verified);
  flag("phone_verified", user.phone_verified);
  user.fill_defaults();
  return user;
}

}  // namespace

Result<void> UserStore::link(storage::Transaction& tx, User& primary, const User& secondary, Timestamp now) const {
  const User before = primary;
  for (const Identity& account : secondary.identities)
    TRY_VOID(AuthenticationMethodStore().move_passkeys(tx, primary.tenant, secondary.id, primary.id, account.user_id, now));
  TRY_VOID(remove(tx, secondary, Passwords::stay));
  for (const Identity& account : secondary.identities) {
    primary.identities.push_back(account);
    if (&account == &secondary.identities.front()) primary.identities.back().profile_data = profile_of(secondary);
  }
  return replace(tx, before, primary, now);
}

/// Ends what a login through a connection left behind: sessions, and refresh tokens, which outlive them.
static Result<void> end_logins_through(storage::Transaction& tx, const User& user, const std::string& connection) {
  TRY_VOID(tx.execute(kEndSessionsOf, user.tenant, user.id, connection));
  TRY(const storage::Rows tokens, tx.query(kRefreshTokensOf, user.tenant, user.id));
  for (const storage::Row& token : tokens) {
    const json::value data = json::parse(token.text(1));
    if (get_string(data.as_object(), "connection").value_or("") == connection)
      TRY_VOID(tx.execute(kEndRefreshToken, user.tenant, token.text(0)));
  }
  return {};
}

Result<User> UserStore::unlink(storage::Transaction& tx, User& primary, std::string_view provider, std::string_view own_id,
                               Timestamp now) const {
  const User before = primary;
  const Identity* account = before.identity_at(provider, own_id);
  if (!account) return Error{Errc::not_found, "The user has no such account."};
  if (account == &before.identities.front()) return Error{Errc::invalid_argument, "The first account of a user stays with it."};
  primary.identities.erase(primary.identities.begin() + (account - &before.identities.front()));
  TRY_VOID(replace(tx, before, primary, now));
  User alone = user_of(primary.tenant, *account);
  TRY_VOID(insert(tx, alone, std::nullopt, now));
  TRY_VOID(AuthenticationMethodStore().move_passkeys(tx, primary.tenant, primary.id, alone.id, own_id, now));
  // Who came in through the account is not its former user any more.
  if (!primary.identity_in(account->connection)) TRY_VOID(end_logins_through(tx, primary, account->connection));
  return alone;
}

}  // namespace gatehouse::model
