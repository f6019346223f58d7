// A first factor that was sent to an address: codes and links of `email` and `sms` connections.
#include "connections/database/events.h"
#include "sign_in/refusal.h"
#include "sign_in/sign_in.h"

namespace gatehouse::sign_in {
namespace {

using attack_protection::AttackProtection;
using connections::PasswordlessErrc;

// Auth0's sentences: applications show them.
constexpr std::string_view kTooMany = "Your account has been blocked after multiple consecutive login attempts.";

}  // namespace

Result<Authenticated, SignInError> SignIn::with_one_time_code(const Attempt& attempt, const connections::PasswordlessConnection& passwordless,
                                                              std::string_view code, std::string_view browser) const {
  const model::Connection* connection = attempt.connection;
  logs::Event event = attempt.event;
  event.user_name = attempt.identifier.substr(0, 254);
  const std::string failed = event.type.empty() ? "f" : event.type;  // a grant has a code of its own
  const auto refuse = [&](std::string_view type, SignInErrc error, std::string_view message, std::string_view description) {
    event.type = type;
    event.description = description;
    parts_.log.enqueue(event);
    return SignInError(error, std::string(message));
  };
  if (!connection || !attempt.client || !connections::PasswordlessConnection::sends_codes(*connection) ||
      !connection->is_enabled_for(attempt.client->id))
    return refuse(failed, SignInErrc::invalid_connection, "invalid connection", "The connection is not enabled for this application");
  connections::about(event, *connection, attempt.client);
  if (!connection->is_database()) event.strategy_type = "passwordless";
  const bool by_phone = connections::PasswordlessConnection::goes_by_phone(*connection, attempt.identifier);
  const std::string_view wrong = by_phone ? "Wrong phone number or verification code." : "Wrong email or verification code.";
  const auto address = connections::PasswordlessConnection::address_of(*connection, attempt.identifier);
  if (!address) return refuse(failed, SignInErrc::wrong_credentials, wrong, wrong);

  // Counted before the code is looked at, like a password.
  const bool protects = connection->brute_force_protection();
  TRY(const AttackProtection::CountedAttempt taken, parts_.protection.begin(attempt.tenant->id, protects, *address, attempt.event.ip));
  if (const std::optional<Refusal> refusal = refusal_of(taken.verdict, kTooMany)) {
    SignInError error = refuse(refusal->event, refusal->code, refusal->message, refusal->description);
    error.same_user_limit = refusal->same_user_limit;
    return error;
  }

  const auto redeemed = passwordless.redeem({.tenant = *attempt.tenant,
                                             .connection = *connection,
                                             .client = *attempt.client,
                                             .address = *address,
                                             .code = std::string(code),
                                             .link = !browser.empty(),
                                             .browser = std::string(browser),
                                             .event = attempt.event});
  if (redeemed) {
    TRY_VOID(parts_.db.write([&](storage::Transaction& tx) { return parts_.protection.succeeded(tx, taken); }));
    return with_code(attempt, redeemed->user, redeemed->proof);
  }
  switch (redeemed.error().code) {
    case PasswordlessErrc::failed:
      (void)parts_.protection.withdrawn(taken);
      return SignInError(redeemed.error().cause);
    case PasswordlessErrc::signup_disabled:
    case PasswordlessErrc::too_many_messages:
    case PasswordlessErrc::invalid_address:
    case PasswordlessErrc::wrong_code:
    case PasswordlessErrc::code_over:
      break;
  }
  if (protects) {
    TRY(const bool blocked, parts_.protection.failed(*attempt.tenant, *address, std::nullopt, std::nullopt, attempt.event.ip));
    if (blocked)
      (void)refuse("limit_wc", SignInErrc::too_many_attempts, kTooMany,
                   "This was one wrong code too many: further logins from this address are blocked");
  }
  SignInError refused = refuse(failed, SignInErrc::wrong_credentials, wrong, wrong);
  refused.code_over = redeemed.error().code == PasswordlessErrc::code_over;
  return refused;
}

Result<Authenticated, SignInError> SignIn::with_code(const Attempt& attempt, const model::User& user,
                                                     const connections::PasswordlessProof& proof) const {
  if (!attempt.connection || proof.connection() != attempt.connection->name || proof.user() != user.id || user.tenant != attempt.tenant->id)
    return SignInError(SignInErrc::invalid_connection, "invalid connection");
  if (user.blocked) {
    logs::Event event = attempt.event;
    if (event.type.empty()) event.type = "f";
    event.description = "The user is blocked";
    connections::about(event, *attempt.connection, attempt.client);
    connections::about(event, user);
    parts_.log.enqueue(std::move(event));
    return SignInError(SignInErrc::user_blocked, "user is blocked");
  }
  return Authenticated(user, proof.connection(), proof.at(), {"otp"});
}

}  // namespace gatehouse::sign_in
