// What a proven sign-in leads to: a browser session, or a login that is only counted.
#include "connections/database/events.h"
#include "mfa/mfa.h"
#include "sign_in/sign_in.h"

namespace gatehouse::sign_in {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO sessions (tenant, id, secret_digest, user_id, connection, authenticated_at, created_at, last_used_at, idle_expires_at, "
    "expires_at, amr, "
    "clients, ip, user_agent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

std::string as_json(const std::vector<std::string>& list) {
  json::array out;
  for (const std::string& item : list) out.emplace_back(item);
  return json::serialize(out);
}

logs::Event login_event(const Attempt& attempt, const Authenticated& who) {
  logs::Event event = attempt.event;
  if (attempt.connection) connections::about(event, *attempt.connection, attempt.client);
  connections::about(event, who.user());
  return event;
}

}  // namespace

Result<SignIn::Started, SignInError> SignIn::start_session(const Attempt& attempt, const Admitted& admitted,
                                                           model::LoginTransaction& transaction,
                                                           std::optional<std::string_view> previous_cookie) const {
  const Authenticated& who = admitted.who();
  const Timestamp now = parts_.clock.now();
  // Always a new secret: a value that was planted in the browser before the login never becomes a session (CWE-384).
  Started started;
  started.cookie_value = SecretString(parts_.random.base64url(32));
  model::Session session;
  session.id = SessionId(parts_.random.base64url(24));
  session.tenant = attempt.tenant->id;
  session.user = who.user().id;
  session.connection = who.connection();
  session.authenticated_at = who.at();
  session.created_at = session.last_used_at = now;
  session.expires_at = now + attempt.tenant->session_lifetime();
  session.idle_expires_at = std::min(now + attempt.tenant->idle_session_lifetime(), session.expires_at);
  session.amr = who.amr();
  session.ip = attempt.event.ip;
  session.user_agent = attempt.event.user_agent.substr(0, 512);
  const std::string digest = model::SessionStore::digest(started.cookie_value.reveal());

  Attempt recorded = attempt;
  recorded.event.type = "s";
  recorded.event.description = "Successful login";
  recorded.event.session_id = session.id.str();
  if (who.has("phr"))  // as Auth0 tells a login with a passkey
    recorded.event.details["prompts"] = json::array{json::object{{"name", "login"}, {"performed_amr", json::array{"phr"}}}};

  struct Done {
    model::Session session;
    model::LoginTransaction transaction;
    bool allowed = true;
  };
  TRY(Done done, parts_.db.write([&](storage::Transaction& tx) -> Result<Done> {
    Done d{session, transaction, true};
    TRY(d.allowed, still_holds(tx, d.session.tenant, who));
    if (!d.allowed) return d;
    if (previous_cookie) {
      TRY(const std::optional<model::Session> previous, parts_.sessions.find_by_secret(tx, d.session.tenant, *previous_cookie, now));
      if (previous) {
        // The same person again: applications of the old session are still told of a logout.
        if (previous->user == d.session.user) d.session.clients = previous->clients;
        TRY_VOID(parts_.sessions.remove(tx, d.session.tenant, previous->id));
      }
    }
    std::erase(d.session.clients, transaction.client.str());
    d.session.clients.push_back(transaction.client.str());
    const model::Session& s = d.session;
    TRY_VOID(tx.execute(kInsert, s.tenant, s.id, digest, s.user, s.connection, s.authenticated_at, s.created_at, s.last_used_at,
                        s.idle_expires_at, s.expires_at, as_json(s.amr), as_json(s.clients), s.ip, s.user_agent));
    d.transaction.step = "resume";
    d.transaction.user = s.user;
    d.transaction.session = s.id;
    TRY_VOID(parts_.transactions.update(tx, d.transaction));
    TRY_VOID(record_login(tx, recorded, admitted));
    return d;
  }));
  if (!done.allowed) return SignInError(SignInErrc::user_blocked, "user is blocked");  // this very moment, or has a new password
  transaction = std::move(done.transaction);
  started.session = std::move(done.session);
  return started;
}

Result<bool> SignIn::still_holds(storage::Reader& reader, const TenantId& tenant, const Authenticated& who) const {
  TRY(const std::optional<model::UserStore::Standing> now, parts_.users.standing(reader, tenant, who.user().id, who.password_of()));
  if (!now || now->blocked || (who.password_ && now->password_set_at != who.password_->set_at)) return false;
  if (!who.session_) return true;
  TRY(const std::optional<model::Session> session, parts_.sessions.find(reader, tenant, *who.session_, parts_.clock.now()));
  return session && session->user == who.user().id;
}

Result<void> SignIn::record_login(storage::Transaction& tx, const Attempt& attempt, const Admitted& admitted) const {
  const TenantId& tenant = attempt.tenant->id;
  const Authenticated& who = admitted.who();
  TRY_VOID(settle_password(tx, who));
  const logs::Event event = login_event(attempt, who);
  TRY_VOID(parts_.users.record_login(tx, tenant, who.user().id, event.ip, parts_.clock.now()));
  if (admitted.noted_) TRY_VOID(parts_.mfa.note_login(tx, tenant, who.user().id, event.user_agent, event.ip));
  return parts_.log.write(tx, event);
}

Result<void> SignIn::settle_password(storage::Transaction& tx, const Authenticated& who) const {
  if (!who.password_ || !who.password_->attempt) return {};
  const Authenticated::Password& proved = *who.password_;
  TRY_VOID(parts_.protection.succeeded(tx, *proved.attempt));
  if (proved.stronger) TRY_VOID(parts_.users.upgrade_hash(tx, who.user().tenant, who.password_of(), proved.hash, *proved.stronger));
  return {};
}

}  // namespace gatehouse::sign_in
