// Signing in with a passkey: the attempt is counted, then the signature is looked at.
#include "connections/database/events.h"
#include "connections/database/identifiers.h"
#include "sign_in/refusal.h"
#include "sign_in/sign_in.h"

namespace gatehouse::sign_in {

using attack_protection::AttackProtection;

Result<Authenticated, SignInError> SignIn::with_passkey(const Attempt& attempt, std::string_view subject, const json::object& response,
                                                        const std::vector<std::string>& more_origins) const {
  const TenantId& tenant = attempt.tenant->id;
  const std::string& ip = attempt.event.ip;
  logs::Event event = attempt.event;
  const auto refuse = [&](std::string_view type, SignInErrc code, std::string_view message, std::string_view description) {
    event.type = type;
    event.description = description;
    parts_.log.enqueue(event);
    return SignInError(code, std::string(message));
  };
  constexpr std::string_view refused = "The passkey was not accepted.";
  if (!attempt.connection || (attempt.client && !attempt.connection->is_enabled_for(attempt.client->id)) ||
      !connections::Passkeys::offered(*attempt.tenant, *attempt.connection))
    return refuse("f", SignInErrc::invalid_connection, "invalid connection", "Passkeys are not enabled for this connection");
  const model::Connection& connection = *attempt.connection;
  connections::about(event, connection, attempt.client);

  auto claim = passkeys_.claim(*attempt.tenant, connection, response);
  if (!claim && claim.error().code != Errc::invalid_argument) return SignInError(std::move(claim).error());
  const bool known = claim && *claim;
  if (known) connections::about(event, (*claim)->user);
  // What does not fit costs an attempt like a wrong password: of the user's, or of the address.
  const std::string counted =
      known ? connections::counted_identifier(std::optional((*claim)->user), (*claim)->user.id.str()) : "passkey of nobody";
  const bool protects = known && connection.brute_force_protection();
  TRY(AttackProtection::CountedAttempt taken, parts_.protection.begin(tenant, protects, counted, ip));
  if (const std::optional<Refusal> refusal = refusal_of(taken.verdict, refused)) {
    SignInError error = refuse(refusal->event, refusal->code, refused, refusal->description);
    error.same_user_limit = refusal->same_user_limit;
    return error;
  }
  if (!claim) return refuse("f", SignInErrc::wrong_credentials, refused, "The answer of the passkey does not parse");
  if (!*claim) return refuse("f", SignInErrc::wrong_credentials, refused, "There is no such passkey");

  const auto proof = passkeys_.prove(*attempt.tenant, **claim, subject, response, more_origins,
                                     [&](storage::Transaction& tx) { return parts_.protection.succeeded(tx, taken); });
  if (!proof) {
    if (proof.error().code != Errc::invalid_argument) {
      (void)parts_.protection.withdrawn(taken);
      return SignInError(proof.error());
    }
    if (protects) TRY_VOID(parts_.protection.failed(*attempt.tenant, counted, (*claim)->user.id, (*claim)->user.email, ip));
    event.details["error"] = json::object{{"message", proof.error().detail}};
    return refuse("f", SignInErrc::wrong_credentials, refused, "The passkey was refused");
  }
  if (proof->user().blocked) return refuse("f", SignInErrc::user_blocked, "user is blocked", "The user is blocked");
  // phr: phishing-resistant, Auth0's word for a passkey. It is one factor: a policy that wants two gets another.
  return Authenticated(proof->user(), connection.name, parts_.clock.now(), {"phr"});
}

}  // namespace gatehouse::sign_in
