// What lies between a first factor and a session: whether a second one is due, and how a login waits for it.
#include "mfa/mfa.h"
#include "sign_in/sign_in.h"

namespace gatehouse::sign_in {

Result<mfa::Due> SignIn::second_factor_due(const Attempt& attempt, const Authenticated& who) const {
  if (who.has("mfa")) return mfa::Due::none;
  TRY(const bool adaptive, parts_.mfa.notes_logins(attempt.tenant->id));
  bool untrusted = false;
  if (adaptive) {
    TRY(untrusted, parts_.protection.is_untrusted(attempt.tenant->id, attempt.event.ip));
  }
  return parts_.mfa.due({.tenant = *attempt.tenant,
                         .client = attempt.client,
                         .user = who.user(),
                         .step_up = attempt.step_up,
                         .step_up_if_enrolled = attempt.step_up_if_enrolled,
                         .untrusted_address = untrusted,
                         .remembered_browser = attempt.remembered_browser,
                         .ip = attempt.event.ip,
                         .user_agent = attempt.event.user_agent});
}

Result<Admitted, SignInError> SignIn::admit(const Attempt& attempt, Authenticated who) const {
  TRY(const mfa::Due due, second_factor_due(attempt, who));
  if (due == mfa::Due::none) {
    TRY(const bool noted, parts_.mfa.notes_logins(attempt.tenant->id));
    return Admitted(std::move(who), noted);
  }
  SignInError refused(SignInErrc::mfa_required, "Multifactor authentication required");
  refused.due = due;
  return refused;
}

Result<Authenticated, SignInError> SignIn::with_second_factor(const Attempt& attempt, Authenticated who, const mfa::Proof& proof) const {
  if (proof.user() != who.user().id || who.user().tenant != attempt.tenant->id)
    return SignInError(SignInErrc::wrong_credentials, "The second factor is another user's.");
  if (!who.has("mfa")) who.amr_.emplace_back("mfa");
  for (const std::string& method : proof.amr())
    if (!who.has(method)) who.amr_.push_back(method);
  who.at_ = proof.at();
  return who;
}

Result<json::object> SignIn::suspend(storage::Transaction& tx, const Authenticated& who) const {
  TRY_VOID(settle_password(tx, who));
  json::array amr;
  for (const std::string& method : who.amr_) amr.emplace_back(method);
  json::object suspended{
      {"user", who.user_.id.str()}, {"connection", who.connection_}, {"at", to_micros(who.at_)}, {"amr", std::move(amr)}};
  if (who.password_) {
    suspended["password_set_at"] = to_micros(who.password_->set_at);
    suspended["password_of"] = who.password_of().str();
  }
  if (who.session_) suspended["session"] = who.session_->str();
  return suspended;
}

Result<std::optional<Authenticated>> SignIn::resumed(storage::Reader& reader, const TenantId& tenant, const json::object& suspended) const {
  TRY(std::optional<model::User> user, parts_.users.find(reader, tenant, UserId(std::string(get_string(suspended, "user").value_or("")))));
  if (!user) return std::optional<Authenticated>{};
  std::vector<std::string> amr;
  if (const json::array* list = get_array(suspended, "amr"))
    for (const json::value& method : *list) amr.emplace_back(method.as_string());
  std::optional<Authenticated::Password> password;
  if (const auto set_at = get_int(suspended, "password_set_at")) {
    password = Authenticated::Password{.set_at = from_micros(*set_at)};
    if (const auto account = get_string(suspended, "password_of"); account && *account != user->id.str())
      password->account = UserId(std::string(*account));
  }
  std::optional<Authenticated> who(Authenticated(std::move(*user), std::string(get_string(suspended, "connection").value_or("")),
                                                 from_micros(get_int(suspended, "at").value_or(0)), std::move(amr), std::move(password)));
  if (const auto session = get_string(suspended, "session")) who->session_ = SessionId(std::string(*session));
  TRY(const bool holds, still_holds(reader, tenant, *who));
  if (!holds) return std::optional<Authenticated>{};
  return who;
}

Result<std::optional<Authenticated>> SignIn::of_session(storage::Reader& reader, const model::Session& session) const {
  TRY(std::optional<model::User> user, parts_.users.find(reader, session.tenant, session.user));
  if (!user || user->blocked) return std::optional<Authenticated>{};
  std::optional<Authenticated> who(Authenticated(std::move(*user), session.connection, session.authenticated_at, session.amr));
  who->session_ = session.id;
  return who;
}

}  // namespace gatehouse::sign_in
