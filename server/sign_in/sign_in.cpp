#include "sign_in/sign_in.h"

#include "connections/database/events.h"
#include "connections/database/identifiers.h"
#include "connections/database/password_policy.h"
#include "sign_in/refusal.h"

namespace gatehouse::sign_in {
namespace {

using attack_protection::AttackProtection;

// Auth0's sentences: applications show them.
constexpr std::string_view kWrong = "Wrong email or password.";
constexpr std::string_view kBlockedUser = "user is blocked";
constexpr std::string_view kLeaked =
    "This login attempt has been blocked because the password you're using was previously disclosed through a data breach (not in this "
    "application). Reset it to go on.";
constexpr std::string_view kTooMany =
    "Your account has been blocked after multiple consecutive login attempts. We've sent you an email with instructions on how to unblock "
    "it.";

SignInError error(SignInErrc code, std::string_view message) { return {code, std::string(message)}; }

}  // namespace

Result<Authenticated, SignInError> SignIn::with_password(const Attempt& attempt, std::string_view password) const {
  const TenantId& tenant = attempt.tenant->id;
  const std::string& ip = attempt.event.ip;
  logs::Event event = attempt.event;
  event.user_name = attempt.identifier.substr(0, 254);
  const auto refuse = [&](std::string_view type, SignInErrc code, std::string_view message, std::string_view description) {
    event.type = type;
    event.description = description;
    parts_.log.enqueue(event);
    return error(code, message);
  };
  if (!attempt.connection || !attempt.connection->is_database() ||
      (attempt.client && !attempt.connection->is_enabled_for(attempt.client->id)))
    return refuse("f", SignInErrc::invalid_connection, "invalid connection", "The connection is not enabled for this application");
  const model::Connection& connection = *attempt.connection;
  connections::about(event, connection, attempt.client);

  struct Known {
    std::optional<model::User> user;
    std::optional<model::PasswordCredential> credential;
    std::optional<std::string> decoy;  // nobody: what to spend the time on
    std::optional<UserId> account;     // whose password it is, where that is not the user's first account
  };
  // Hashes that came with imported users cost more or less than ours. An unknown name costs what that of one of the tenant's users does,
  // always the same one's: so times tell nobody who is here.
  const auto decoy = [&](storage::Reader& reader, Known& k) -> Result<void> {
    TRY(k.decoy, parts_.users.some_password(reader, tenant, attempt.identifier));
    return {};
  };
  TRY(Known known, parts_.db.read([&](storage::Reader& reader) -> Result<Known> {
    Known k;
    TRY(k.user, connections::find_user(reader, parts_.users, tenant, connection.name, attempt.identifier));
    if (!k.user) {
      TRY_VOID(decoy(reader, k));
      return k;
    }
    if (const model::Identity& account = connections::account_meant(*k.user, connection.name, attempt.identifier);
        account.account() != k.user->id)
      k.account = account.account();
    TRY(k.credential, parts_.users.password(reader, tenant, k.account.value_or(k.user->id)));
    if (!k.credential) TRY_VOID(decoy(reader, k));
    return k;
  }));
  if (known.user) connections::about(event, *known.user);

  // Counted before the password is looked at: parallel guesses do not outrun the counter.
  const std::string counted = connections::counted_identifier(known.user, attempt.identifier);
  const bool protects = connection.brute_force_protection();
  TRY(AttackProtection::CountedAttempt taken, parts_.protection.begin(tenant, protects, counted, ip));
  if (const std::optional<Refusal> refusal = refusal_of(taken.verdict, kTooMany)) {
    SignInError error = refuse(refusal->event, refusal->code, refusal->message, refusal->description);
    error.same_user_limit = refusal->same_user_limit;
    return error;
  }

  const bool too_long = length_in_characters(password) > connections::kMaxPasswordLength;
  Result<bool> fits = false;
  if (known.credential && !too_long) {
    fits = parts_.hasher.verify(password, known.credential->hash);
  } else if (known.decoy && !too_long) {
    const Result<bool> spent = parts_.hasher.verify(password, *known.decoy);
    if (!spent) fits = spent.error();
  } else if (auto hashed = parts_.hasher.verify_nothing(too_long ? std::string_view{} : password); !hashed) {
    fits = hashed.error();
  }
  if (!fits) {
    (void)parts_.protection.withdrawn(taken);
    return SignInError(std::move(fits).error());
  }

  if (!*fits) {
    const std::optional<UserId> user = known.user ? std::optional(known.user->id) : std::nullopt;
    const std::optional<std::string> email = known.user ? known.user->email : std::nullopt;
    if (protects) {
      TRY(const bool blocked, parts_.protection.failed(*attempt.tenant, counted, user, email, ip));
      if (blocked)
        (void)refuse("limit_wc", SignInErrc::too_many_attempts, kTooMany,
                     "This was one wrong password too many: further logins from this address are blocked");
    }
    return known.user ? refuse("fp", SignInErrc::wrong_credentials, kWrong, "Wrong email or password.")
                      : refuse("fu", SignInErrc::wrong_credentials, kWrong, "Wrong email or password.");
  }

  if (known.user->blocked) {
    TRY_VOID(parts_.db.write([&](storage::Transaction& tx) { return parts_.protection.succeeded(tx, taken); }));
    return refuse("f", SignInErrc::user_blocked, kBlockedUser, "The user is blocked");
  }
  TRY(const bool leaked, parts_.protection.refuses_leaked(*attempt.tenant, *known.user, password, event));
  if (leaked) {
    TRY_VOID(parts_.db.write([&](storage::Transaction& tx) { return parts_.protection.succeeded(tx, taken); }));
    return error(SignInErrc::password_leaked, kLeaked);
  }
  Authenticated::Password proved{known.credential->set_at, std::move(taken), known.credential->hash, {}, known.account};
  // An older or weaker hash is replaced while the password is at hand.
  if (parts_.hasher.needs_rehash(proved.hash)) {
    if (auto made = parts_.hasher.hash(password)) proved.stronger = std::move(made).value();
  }
  return Authenticated(std::move(*known.user), connection.name, parts_.clock.now(), {"pwd"}, std::move(proved));
}

Result<Authenticated, SignInError> SignIn::after_sign_up(const Attempt& attempt, const model::User& user,
                                                         std::string_view amr) const {
  if (!attempt.connection || user.tenant != attempt.tenant->id || user.connection() != attempt.connection->name)
    return error(SignInErrc::invalid_connection, "invalid connection");
  if (user.blocked) return error(SignInErrc::user_blocked, kBlockedUser);
  // It ends with another password, like any login: whoever signs up with somebody else's address has not got the account once its owner
  // has taken it over.
  std::optional<Authenticated::Password> password;
  if (amr == "pwd") {
    TRY(const std::optional<model::UserStore::Standing> standing,
        parts_.db.read([&](storage::Reader& reader) { return parts_.users.standing(reader, user.tenant, user.id); }));
    if (!standing || !standing->password_set_at) return error(SignInErrc::wrong_credentials, kWrong);
    password = Authenticated::Password{.set_at = *standing->password_set_at};
  }
  return Authenticated(user, attempt.connection->name, parts_.clock.now(), {std::string(amr)}, std::move(password));
}

}  // namespace gatehouse::sign_in
