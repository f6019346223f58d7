// Who comes from another identity provider: found, made or brought up to date, and signed in.
#include "connections/database/events.h"
#include "connections/upstream/identity.h"
#include "sign_in/sign_in.h"

namespace gatehouse::sign_in {
namespace {

constexpr std::string_view kRootAttributes[] = {"name", "nickname", "given_name", "family_name", "picture"};

bool is_root(std::string_view name) { return std::ranges::find(kRootAttributes, name) != std::end(kRootAttributes); }

/// When the provider's root attributes replace ours: Auth0's `set_user_root_attributes`.
bool sets_root_attributes(const model::Connection& connection, bool is_new) {
  const std::string_view when = get_string(connection.options, "set_user_root_attributes").value_or("on_each_login");
  return when == "never_on_login" ? false : when == "on_first_login" ? is_new : true;
}

/// The account's ids that this identity may have: in its strategy people are told apart by the provider's own id; where that belongs to
/// another connection of the strategy (two GitHubs), by the connection's name before it.
std::vector<std::string> own_ids(const connections::UpstreamIdentity& identity, const model::Connection& connection) {
  const std::string& subject = identity.profile().subject;
  const std::string named = connection.name + "|" + subject;
  if (identity.id_names_connection()) return {named};
  return {subject, named};
}

/// Brings a user up to date with what the provider says of the account at `identity`.
void update(model::User& user, model::Identity& account, const connections::Profile& profile, const model::Connection& connection,
            bool is_new) {
  const bool is_first = &account == &user.identities.front();
  if (!is_first) {  // an account that was linked: its attributes are its own
    json::object data = profile.attributes;
    if (profile.email) {
      data["email"] = *profile.email;
      data["email_verified"] = profile.email_verified;
    }
    account.profile_data = std::move(data);
    return;
  }
  const bool sets_root = sets_root_attributes(connection, is_new);
  // What is not a root attribute is the provider's alone: who is no longer in a group loses it.
  json::object attributes;
  for (const auto& member : user.attributes)
    if (is_root(member.key())) attributes[member.key()] = member.value();
  for (const auto& member : profile.attributes)
    if (!is_root(member.key()) || sets_root) attributes[member.key()] = member.value();
  user.attributes = std::move(attributes);
  if (profile.email) {
    // An address that was proved to us stays proved as long as it is the same.
    user.email_verified = profile.email_verified || (user.email == profile.email && user.email_verified);
    user.email = profile.email;
  }
  if (is_new) user.fill_defaults();
}

bool differs(const model::User& a, const model::User& b, const model::Identity& account_of_a, const model::Identity& account_of_b) {
  return a.email != b.email || a.email_verified != b.email_verified || a.attributes != b.attributes ||
         account_of_a.profile_data != account_of_b.profile_data;
}

}  // namespace

Result<Authenticated, SignInError> SignIn::with_upstream(const Attempt& attempt, const connections::UpstreamIdentity& identity,
                                                         const model::UpstreamStore& tokens) const {
  const TenantId& tenant = attempt.tenant->id;
  const model::Connection* connection = attempt.connection;
  logs::Event event = attempt.event;
  event.user_name = identity.profile().email.value_or(identity.profile().subject).substr(0, 254);
  const auto refuse = [&](SignInErrc code, std::string_view message, std::string_view description) {
    event.type = "f";
    event.description = description;
    parts_.log.enqueue(event);
    return SignInError(code, std::string(message));
  };
  if (!connection || connection->id != identity.connection() || identity.tenant() != tenant ||
      connection->strategy != identity.strategy() || (attempt.client && !connection->is_enabled_for(attempt.client->id)))
    return refuse(SignInErrc::invalid_connection, "invalid connection", "The connection is not enabled for this application");
  connections::about(event, *connection, attempt.client);
  const Timestamp now = parts_.clock.now();
  const std::vector<std::string> ids = own_ids(identity, *connection);
  const bool makes_users = !connection->disable_signup() && !get_bool(connection->options, "disable_sign_ups").value_or(false);

  enum class Outcome { in, blocked, no_sign_up, taken };
  struct Done {
    Outcome outcome = Outcome::in;
    std::optional<model::User> user;
  };
  TRY(Done done, parts_.db.write([&](storage::Transaction& tx) -> Result<Done> {
    Done d;
    std::optional<std::string> found, free;
    for (const std::string& id : ids) {
      TRY(std::optional<model::User> user, parts_.users.find_by_identity(tx, tenant, identity.strategy(), id));
      if (!user) {
        if (!free) free = id;
        continue;
      }
      const model::Identity* account = user->identity_at(identity.strategy(), id);
      if (!account || account->connection != connection->name) continue;  // somebody who comes through another connection
      found = id;
      d.user = std::move(user);
      break;
    }
    if (!found) {
      if (!free) return Done{Outcome::taken, {}};
      if (!makes_users) return Done{Outcome::no_sign_up, {}};
      model::User fresh;
      fresh.id = UserId(identity.strategy() + "|" + *free);
      fresh.tenant = tenant;
      fresh.identities.push_back({connection->name, identity.strategy(), *free, identity.is_social(), {}});
      update(fresh, fresh.identities.front(), identity.profile(), *connection, true);
      TRY_VOID(parts_.users.insert(tx, fresh, std::nullopt, now));
      logs::Event made = event;
      made.type = "ss";
      made.description = "Successful signup";
      connections::about(made, fresh);
      TRY_VOID(parts_.log.write(tx, made));
      found = free;
      d.user = std::move(fresh);
    } else if (d.user->blocked) {
      return Done{Outcome::blocked, std::move(d.user)};
    } else {
      const model::User before = *d.user;
      auto account = std::ranges::find_if(
          d.user->identities, [&](const model::Identity& one) { return one.provider == identity.strategy() && one.user_id == *found; });
      update(*d.user, *account, identity.profile(), *connection, false);
      if (differs(before, *d.user, before.identities[size_t(account - d.user->identities.begin())], *account))
        TRY_VOID(parts_.users.replace(tx, before, *d.user, now));
      if (before.email != d.user->email) {
        logs::Event changed = event;
        changed.type = "sce";
        changed.description = "The identity provider told another address";
        connections::about(changed, *d.user);
        changed.details = {{"before", before.email.value_or("")}, {"after", d.user->email.value_or("")}};
        TRY_VOID(parts_.log.write(tx, changed));
      }
    }
    const bool keeps_tokens = get_bool(connection->options, "ext_access_token").value_or(true);
    if (keeps_tokens && !identity.tokens().access_token.empty())
      TRY_VOID(tokens.put_tokens(tx, tenant, UserId(identity.strategy() + "|" + *found), identity.tokens(), now));
    return d;
  }));

  if (done.user) connections::about(event, *done.user);
  switch (done.outcome) {
    case Outcome::in:
      break;
    case Outcome::blocked:
      return refuse(SignInErrc::user_blocked, "user is blocked", "The user is blocked");
    case Outcome::no_sign_up:
      return refuse(SignInErrc::wrong_credentials, "sign up is disabled", "The connection makes no new users (disable_signup)");
    case Outcome::taken:
      return refuse(SignInErrc::wrong_credentials, "the account belongs to another connection",
                    "The account's id belongs to users of other connections");
  }
  return Authenticated(std::move(*done.user), connection->name, now, {});
}

}  // namespace gatehouse::sign_in
