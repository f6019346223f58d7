// What the links in mails do: verify an address, set a new password. Each is one unit of work in which the ticket is used up.
#include "connections/database/database_connection.h"
#include "connections/database/events.h"
#include "connections/database/identifiers.h"
#include "connections/database/mail_variables.h"
#include "connections/database/password_policy.h"
#include "http/request.h"
#include "model/login_failures/login_failure_store.h"

namespace gatehouse::connections {
namespace {

constexpr std::string_view kVerifyEmail = "verify_email", kChangePassword = "change_password";

/// Which of the user's accounts a ticket is about: the first one, unless it names a linked one. Null: it is not the user's any more.
const model::Identity* account_of(const model::Ticket& ticket, const model::User& user) {
  const auto named = get_string(ticket.data, "account");
  if (!named) return &user.identities.front();
  for (const model::Identity& identity : user.identities)
    if (identity.account().str() == *named) return &identity;
  return nullptr;
}

/// Where the link leads in the end, if the tenant's template says so.
void lead_to(model::Ticket& ticket, const messaging::LinkSettings& link) {
  if (link.result_url.empty()) return;
  ticket.data["result_url"] = link.result_url;
  ticket.data["includeEmailInRedirect"] = link.include_email;
}

DatabaseError not_usable(model::TicketStore::State state) {
  switch (state) {
    case model::TicketStore::State::used:
      return {DatabaseErrc::ticket_used, "This link has already been used."};
    case model::TicketStore::State::expired:
      return {DatabaseErrc::ticket_expired, "This link has expired."};
    case model::TicketStore::State::valid:
    case model::TicketStore::State::unknown:
      break;
  }
  return {DatabaseErrc::ticket_unknown, "This link is not valid."};
}

}  // namespace

Result<void> DatabaseConnection::queue_verification(storage::Transaction& tx, const model::Tenant& tenant, const model::User& user,
                                                    std::string_view secret, const model::Client* client,
                                                    const model::Identity* account) const {
  const bool linked = account && account != &user.identities.front();
  const std::optional<std::string> email = linked ? user.email_of(*account) : user.email;
  if (!email) return {};
  const Timestamp now = parts_.clock.now();
  json::object variables =
      mail_variables(tenant, user, client, tenant.issuer + "u/email-verification?ticket=" + http::percent_encode(secret));
  TRY(const messaging::LinkSettings link,
      parts_.messenger.link_settings(tx, tenant.id, "verify_email", variables.at("application").as_object()));
  model::Ticket ticket{.kind = std::string(kVerifyEmail),
                       .tenant = tenant.id,
                       .user = user.id,
                       .created_at = now,
                       .expires_at = now + link.lifetime.value_or(model::kTicketLifetime)};
  ticket.data["email"] = *email;
  if (linked) ticket.data["account"] = account->account().str();
  if (client) ticket.data["client_id"] = client->id.str();
  lead_to(ticket, link);
  TRY_VOID(parts_.tickets.insert(tx, secret, ticket));
  return parts_.messenger.queue_mail(
      tx, {.tenant = tenant.id, .template_name = "verify_email", .to = *email, .variables = std::move(variables)});
}

DatabaseResult<void> DatabaseConnection::request_password_change(const model::Tenant& tenant, const model::Connection& connection,
                                                                 const model::Client* client, std::string_view identifier,
                                                                 logs::Event event) const {
  about(event, connection, client);
  event.user_name = std::string(identifier.substr(0, 254));
  const bool offered = connection.is_database() && !connection.disable_self_service_change_password();
  const std::string secret = model::TicketStore::make_secret(parts_.random);
  const std::string url = tenant.issuer + "u/reset-verify?ticket=" + http::percent_encode(secret);
  const Timestamp now = parts_.clock.now();
  // Known or unknown, one unit of work with an event in it: the answer takes as long.
  TRY_VOID(parts_.db.write([&](storage::Transaction& tx) -> Result<void> {
    logs::Event done = event;
    TRY(const std::optional<model::User> user, find_user(tx, parts_.users, tenant.id, connection.name, identifier));
    const model::Identity* account = user ? &account_meant(*user, connection.name, identifier) : nullptr;
    const std::optional<std::string> email = account ? user->email_of(*account) : std::nullopt;
    if (!offered || !email) {
      done.type = "fcpr";
      done.description = !offered ? "The connection does not let its users change passwords"
                         : !user  ? "No such user"
                                  : "The user has no e-mail address";
      return parts_.log.write(tx, done);
    }
    about(done, *user);
    done.type = "scpr";
    done.description = "Change-password mail requested";
    json::object variables = mail_variables(tenant, *user, client, url);
    TRY(const messaging::LinkSettings link,
        parts_.messenger.link_settings(tx, tenant.id, "reset_email", variables.at("application").as_object()));
    model::Ticket ticket{.kind = std::string(kChangePassword),
                         .tenant = tenant.id,
                         .user = user->id,
                         .created_at = now,
                         .expires_at = now + link.lifetime.value_or(model::kTicketLifetime)};
    // Whoever follows the link reads this mailbox.
    ticket.data = json::object{{"email", *email}, {"mark_email_as_verified", true}};
    if (account != &user->identities.front()) ticket.data["account"] = account->account().str();
    if (client) ticket.data["client_id"] = client->id.str();
    lead_to(ticket, link);
    TRY_VOID(parts_.tickets.insert(tx, secret, ticket));
    TRY_VOID(parts_.messenger.queue_mail(
        tx, {.tenant = tenant.id, .template_name = "reset_email", .to = *email, .variables = std::move(variables)}));
    return parts_.log.write(tx, done);
  }));
  return {};
}

DatabaseResult<model::Ticket> DatabaseConnection::change_password_with_ticket(const model::Tenant& tenant,
                                                                              const model::Connection& connection,
                                                                              std::string_view ticket_secret, std::string_view password,
                                                                              logs::Event event) const {
  about(event, connection, nullptr);
  const auto refuse = [&](DatabaseError error) {
    event.type = "fcp";
    event.description = error.message;
    parts_.log.enqueue(event);
    return error;
  };
  struct Known {
    model::TicketStore::Found found;
    std::optional<model::User> user;
    std::optional<UserId> account;  ///< whose password it is; none: no account of this connection
    std::optional<std::string> email;
    std::optional<model::PasswordCredential> current;
  };
  TRY(const Known known, parts_.db.read([&](storage::Reader& reader) -> Result<Known> {
    Known k;
    TRY(k.found, parts_.tickets.find(reader, tenant.id, kChangePassword, ticket_secret, parts_.clock.now()));
    if (!k.found.ticket) return k;
    TRY(k.user, parts_.users.find(reader, tenant.id, k.found.ticket->user));
    const model::Identity* account = k.user ? account_of(*k.found.ticket, *k.user) : nullptr;
    if (!account || account->connection != connection.name) return k;
    k.account = account->account();
    k.email = k.user->email_of(*account);
    TRY(k.current, parts_.users.password(reader, tenant.id, *k.account));
    return k;
  }));
  if (known.user) about(event, *known.user);
  if (known.found.state != model::TicketStore::State::valid) return refuse(not_usable(known.found.state));
  if (!known.account) return refuse(not_usable(model::TicketStore::State::unknown));
  // A link in the mailbox of an address that the user gave up is in the hands of whoever reads it now.
  if (const auto sent_to = get_string(known.found.ticket->data, "email"); sent_to && known.email != *sent_to)
    return refuse(not_usable(model::TicketStore::State::unknown));
  if (auto allowed = check_password(connection, password, *known.user, known.current ? &*known.current : nullptr); !allowed)
    return refuse(std::move(allowed).error());
  if (auto safe = check_leaks(tenant, "pre-change-password", "reset_pwd_leak", password, event); !safe)
    return refuse(std::move(safe).error());
  TRY(const std::string hash, parts_.hasher.hash(password));

  const model::Ticket& ticket = *known.found.ticket;
  const Timestamp now = parts_.clock.now();
  const size_t history = PasswordPolicy::of(connection).history;
  TRY(const bool won, parts_.db.write([&](storage::Transaction& tx) -> Result<bool> {
    TRY(const bool consumed, parts_.tickets.consume(tx, tenant.id, kChangePassword, ticket_secret, now));
    if (!consumed) return false;
    TRY_VOID(parts_.users.set_password(tx, tenant.id, *known.account, hash, history, now));
    TRY(std::optional<model::User> user, parts_.users.find(tx, tenant.id, ticket.user));
    if (user && get_bool(ticket.data, "mark_email_as_verified").value_or(false)) TRY_VOID(mark_verified(tx, ticket, *user));
    // Whoever knew the old password is out: sessions, refresh tokens, and the blocks their guesses caused.
    TRY_VOID(parts_.sessions.remove_all(tx, tenant.id, ticket.user));
    TRY_VOID(parts_.refresh_tokens.remove_of_user(tx, tenant.id, ticket.user));
    if (user) TRY_VOID(model::LoginFailureStore{}.clear_all(tx, tenant.id, all_identifiers(*user)));
    logs::Event done = event;
    done.type = "scp";
    done.description = "The password was changed";
    TRY_VOID(parts_.log.write(tx, done));
    return true;
  }));
  if (!won) return refuse(not_usable(model::TicketStore::State::used));
  return ticket;
}

Result<void> DatabaseConnection::mark_verified(storage::Transaction& tx, const model::Ticket& ticket, model::User& user) const {
  const model::Identity* account = account_of(ticket, user);
  const auto address = get_string(ticket.data, "email");
  if (!account || (address && user.email_of(*account) != *address)) return {};
  if (account == &user.identities.front()) {
    if (user.email_verified) return {};
    user.email_verified = true;
  } else {
    user.identities[size_t(account - user.identities.data())].profile_data["email_verified"] = true;
  }
  return parts_.users.replace(tx, user, parts_.clock.now());
}

DatabaseResult<model::Ticket> DatabaseConnection::verify_email_with_ticket(const model::Tenant& tenant, std::string_view ticket_secret,
                                                                           logs::Event event) const {
  const Timestamp now = parts_.clock.now();
  struct Outcome {
    model::TicketStore::Found found;
    std::optional<model::User> user;
    bool done = false;
  };
  TRY(const Outcome outcome, parts_.db.write([&](storage::Transaction& tx) -> Result<Outcome> {
    Outcome o;
    TRY(o.found, parts_.tickets.find(tx, tenant.id, kVerifyEmail, ticket_secret, now));
    if (!o.found.ticket) return o;
    TRY(o.user, parts_.users.find(tx, tenant.id, o.found.ticket->user));
    if (o.found.state != model::TicketStore::State::valid || !o.user) return o;
    // A mail to an address the user no longer has proves nothing about the present one.
    const model::Identity* account = account_of(*o.found.ticket, *o.user);
    if (const auto sent_to = get_string(o.found.ticket->data, "email"); !account || (sent_to && o.user->email_of(*account) != *sent_to)) {
      o.found.state = model::TicketStore::State::unknown;
      return o;
    }
    TRY(const bool consumed, parts_.tickets.consume(tx, tenant.id, kVerifyEmail, ticket_secret, now));
    if (!consumed) {
      o.found.state = model::TicketStore::State::used;
      return o;
    }
    TRY_VOID(mark_verified(tx, *o.found.ticket, *o.user));
    logs::Event verified = event;
    about(verified, *o.user);
    verified.type = "sv";
    verified.description = "The e-mail address was verified";
    TRY_VOID(parts_.log.write(tx, verified));
    o.done = true;
    return o;
  }));
  if (outcome.done) return *outcome.found.ticket;
  DatabaseError error = not_usable(outcome.found.state);
  if (outcome.user) {
    about(event, *outcome.user);
    error.details = json::object{{"already_verified", outcome.user->email_verified}};
  }
  event.type = "fv";
  event.description = error.message;
  parts_.log.enqueue(event);
  return error;
}

}  // namespace gatehouse::connections
