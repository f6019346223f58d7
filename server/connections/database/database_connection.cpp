#include "connections/database/database_connection.h"

#include "connections/database/events.h"
#include "connections/database/identifier_codes.h"
#include "connections/database/identifiers.h"
#include "connections/database/password_policy.h"
#include "model/attack_protection/attack_protection_description.h"

namespace gatehouse::connections {
namespace {

bool sign_up_allowed(const model::Connection& connection, const model::Client* client) {
  if (!connection.is_database() || connection.disable_signup()) return false;
  return !client || connection.is_enabled_for(client->id);
}

bool password_sign_up_allowed(const model::Connection& connection, const model::Client* client) {
  if (!sign_up_allowed(connection, client)) return false;
  if (const json::object* methods = get_object(connection.options, "authentication_methods"))
    if (const json::object* password = get_object(*methods, "password"))
      if (get_string(*password, "signup_behavior").value_or("allow") == "block") return false;
  return true;
}

/// Profile texts are short and hold no control characters, which have no business in mails and headers.
bool is_plain_text(std::string_view text, size_t max_bytes) {
  return text.size() <= max_bytes &&
         std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// Identifiers and profile of the request as a user without an id; only what the caller's form may carry (CWE-915).
DatabaseResult<model::User> user_from(const SignUp& request, const model::Connection& connection) {
  const IdentifierRules rules = IdentifierRules::of(connection);
  model::User user;
  if (request.email && !request.email->empty()) {
    const auto email = model::normalize_email(*request.email);
    if (!email) return DatabaseError{DatabaseErrc::invalid_email, "Invalid email address"};
    user.email = *email;
  } else if (rules.email.required) {
    return DatabaseError{DatabaseErrc::invalid_email, "An email address is required"};
  }
  if (request.username && !request.username->empty() && rules.username.asked) {
    const auto username = model::normalize_username(*request.username);
    const size_t length = username ? length_in_characters(*username) : 0;
    if (!username || !is_plain_username(*username) || (!rules.username_may_be_email && model::normalize_email(*username)) ||
        (!rules.username_may_be_phone && tidy_phone(*username)) || length < rules.username_min || length > rules.username_max)
      return DatabaseError{DatabaseErrc::invalid_username, "Invalid username: " + std::to_string(rules.username_min) + " to " +
                                                               std::to_string(rules.username_max) + " letters, digits or @^$.!`-#+'~_"};
    user.username = *username;
  } else if (rules.username.required) {
    return DatabaseError{DatabaseErrc::username_required, "A username is required"};
  }
  if (request.phone_number && !request.phone_number->empty() && rules.phone_number.asked) {
    const auto phone = model::normalize_phone(*request.phone_number);
    if (!phone) return DatabaseError{DatabaseErrc::invalid_signup, "Invalid phone number"};
    user.phone_number = *phone;
  } else if (rules.phone_number.required) {
    return DatabaseError{DatabaseErrc::invalid_signup, "A phone number is required"};
  }
  if (!user.email && !user.username && !user.phone_number) return DatabaseError{DatabaseErrc::invalid_signup, "An identifier is required"};

  const std::pair<std::string_view, const std::optional<std::string>&> texts[] = {{"given_name", request.given_name},
                                                                                  {"family_name", request.family_name},
                                                                                  {"name", request.name},
                                                                                  {"nickname", request.nickname},
                                                                                  {"picture", request.picture}};
  for (const auto& [name, value] : texts) {
    if (!value || value->empty()) continue;
    if (!is_plain_text(*value, name == "picture" ? 2048 : 300))
      return DatabaseError{DatabaseErrc::invalid_signup, "Invalid " + std::string(name)};
    user.attributes[name] = *value;
  }
  user.user_metadata = request.user_metadata;
  return user;
}

}  // namespace

DatabaseResult<model::User> DatabaseConnection::sign_up(const model::Tenant& tenant, const model::Connection& connection,
                                                        const model::Client* client, SignUp request, logs::Event event) const {
  about(event, connection, client);
  event.user_name = request.email.value_or(request.username.value_or(request.phone_number.value_or("")));
  const auto refuse = [&](DatabaseError error) {
    event.type = "fs";
    event.description = error.message;
    parts_.log.enqueue(event);
    return error;
  };
  if (!password_sign_up_allowed(connection, client)) return refuse({DatabaseErrc::invalid_signup, "Invalid sign up"});

  auto made = user_from(request, connection);
  if (!made) return refuse(std::move(made).error());
  model::User user = std::move(made).value();
  const std::string id = parts_.random.hex(24);
  user.id = UserId("auth0|" + id);
  user.tenant = tenant.id;
  user.identities.push_back({.connection = connection.name, .provider = "auth0", .user_id = id});
  if (auto allowed = check_password(connection, request.password.reveal(), user, nullptr); !allowed)
    return refuse(std::move(allowed).error());
  if (auto safe = check_leaks(tenant, "pre-user-registration", "signup_pwd_leak", request.password.reveal(), event); !safe)
    return refuse(std::move(safe).error());
  user.fill_defaults();

  // The hash is made whether or not the address is taken: both take as long.
  auto hash = parts_.hasher.hash(request.password.reveal());
  if (!hash) return DatabaseError(std::move(hash).error());
  const auto created = store(tenant, connection, client, user, model::PasswordCredential{.hash = *hash, .set_at = parts_.clock.now()}, {}, event);
  if (created) return *created;
  if (created.error().code == Errc::unique_violation) return refuse({DatabaseErrc::user_exists, "The user already exists."});
  return DatabaseError(created.error());
}

Result<model::User> DatabaseConnection::store(const model::Tenant& tenant, const model::Connection& connection, const model::Client* client,
                                              const model::User& user, const std::optional<model::PasswordCredential>& password,
                                              const Also& also, const logs::Event& event) const {
  const std::string ticket = model::TicketStore::make_secret(parts_.random);
  const Timestamp now = parts_.clock.now();
  return parts_.db.write([&](storage::Transaction& tx) -> Result<model::User> {
    model::User fresh = user;
    TRY_VOID(parts_.users.insert(tx, fresh, password, now));
    if (also) TRY_VOID(also(tx, fresh));
    const bool by_code = identifier_to_prove(connection, fresh) == ProvedIdentifier::email;  // the login pages send one
    if (fresh.email && !by_code) TRY_VOID(queue_verification(tx, tenant, fresh, ticket, client));
    logs::Event done = event;
    done.type = "ss";
    done.description = "Successful sign-up";
    done.user = fresh.id;
    done.user_name = fresh.display_name();
    TRY_VOID(parts_.log.write(tx, done));
    return fresh;
  });
}

DatabaseResult<model::User> DatabaseConnection::check_sign_up(const model::Tenant& tenant, const model::Connection& connection,
                                                              const model::Client* client, const SignUp& request,
                                                              std::string_view id) const {
  if (!sign_up_allowed(connection, client)) return DatabaseError{DatabaseErrc::invalid_signup, "Invalid sign up"};
  TRY(model::User user, user_from(request, connection));
  user.id = UserId("auth0|" + std::string(id));
  user.tenant = tenant.id;
  user.identities.push_back({.connection = connection.name, .provider = "auth0", .user_id = std::string(id)});
  user.fill_defaults();
  TRY(const bool taken, parts_.db.read([&](storage::Reader& reader) -> Result<bool> {
    for (const auto& [kind, identifier] : model::identifiers_of(user, user.identities.front())) {
      TRY(const auto there, find_user(reader, parts_.users, tenant.id, connection.name, identifier));
      if (there) return true;
    }
    return false;
  }));
  if (taken) return DatabaseError{DatabaseErrc::user_exists, "The user already exists."};
  return user;
}

DatabaseResult<model::User> DatabaseConnection::sign_up_without_password(const model::Tenant& tenant, const model::Connection& connection,
                                                                         const model::Client* client, const model::User& user,
                                                                         const Also& also, logs::Event event) const {
  about(event, connection, client);
  event.user_name = user.known_as();
  auto created = sign_up_allowed(connection, client)
                     ? store(tenant, connection, client, user, std::nullopt, also, event)
                     : Result<model::User>(Error{Errc::invalid_argument, "Invalid sign up"});
  if (created) return std::move(*created);
  event.type = "fs";
  event.description = created.error().message;
  if (created.error().code == Errc::unique_violation) event.description = "The user already exists.";
  parts_.log.enqueue(event);
  if (created.error().code == Errc::unique_violation) return DatabaseError{DatabaseErrc::user_exists, "The user already exists."};
  return DatabaseError(std::move(created).error());
}

DatabaseResult<void> DatabaseConnection::check_password(const model::Connection& connection, std::string_view password,
                                                        const model::User& user, const model::PasswordCredential* current) const {
  const PasswordPolicy policy = PasswordPolicy::of(connection);
  TRY_VOID(policy.check(password, user));
  if (!current || policy.history == 0) return {};
  std::vector<std::string> earlier{current->hash};
  earlier.insert(earlier.end(), current->history.begin(), current->history.end());
  if (earlier.size() > policy.history) earlier.resize(policy.history);
  for (const std::string& hash : earlier) {
    TRY(const bool same, parts_.hasher.verify(password, hash));
    if (same) return DatabaseError{DatabaseErrc::password_in_history, "Password has previously been used"};
  }
  return {};
}

DatabaseResult<void> DatabaseConnection::check_leaks(const model::Tenant& tenant, std::string_view stage, std::string_view event_type,
                                                     std::string_view password, const logs::Event& event) const {
  if (!parts_.leaked || !parts_.tenants) return {};
  TRY(const auto document, parts_.tenants->cached_document(tenant.id, model::kBreachedPasswordDocument));
  if (!get_bool(*document, "enabled").value_or(false)) return {};
  const json::object* stages = get_object(*document, "stage");
  const json::object* settings = stages ? get_object(*stages, stage) : nullptr;
  const std::vector<std::string> shields = settings ? get_strings(*settings, "shields") : std::vector<std::string>{};
  if (shields.empty()) return {};
  TRY(const bool leaked, parts_.leaked->contains(password));
  if (!leaked) return {};
  logs::Event noticed = event;
  noticed.type = event_type;
  noticed.description = "The password is known from a breach elsewhere";
  parts_.log.enqueue(std::move(noticed));
  if (std::ranges::find(shields, "block") == shields.end()) return {};
  return DatabaseError{DatabaseErrc::password_leaked, "Password has been leaked in a breach elsewhere"};
}

size_t DatabaseConnection::history_size(const model::Connection& connection) { return PasswordPolicy::of(connection).history; }

}  // namespace gatehouse::connections
