#include "model/users/user_batch.h"

#include "model/users/user_terms.h"
#include "storage/counters.h"

namespace gatehouse::model {
namespace {

using storage::BulkInsert;

const BulkInsert::Statement& insert_users() {
  static const BulkInsert::Statement statement(
      "users (tenant, id, position, connection, email, email_verified, username, phone_number, phone_verified, blocked, data, "
      "user_metadata, app_metadata, identities, logins_count, last_login, last_ip, last_password_reset, created_at, updated_at)",
      20);
  return statement;
}
const BulkInsert::Statement& insert_identifiers() {
  static const BulkInsert::Statement statement("user_identifiers (tenant, connection, kind, value, user_id)", 5);
  return statement;
}
const BulkInsert::Statement& insert_passwords() {
  static const BulkInsert::Statement statement("user_passwords (tenant, user_id, hash, set_at, history)", 5);
  return statement;
}
const BulkInsert::Statement& insert_terms() {
  static const BulkInsert::Statement statement("user_terms (tenant, path, value, position)", 4);
  return statement;
}

template <class T>
std::vector<const T*> sorted_pointers(const std::vector<T>& items) {
  std::vector<const T*> out;
  out.reserve(items.size());
  for (const T& item : items) out.push_back(&item);
  std::sort(out.begin(), out.end(), [](const T* a, const T* b) { return *a < *b; });
  return out;
}

}  // namespace

std::vector<UserIdentifier> identifiers_of(const User& user) {
  std::vector<UserIdentifier> out;
  for (const Identity& identity : user.identities)
    for (auto& [kind, value] : identifiers_of(user, identity)) out.push_back({identity.connection, std::string(kind), std::move(value)});
  return out;
}

std::string identities_json(const User& user) { return json::serialize(user.identities_to_json()); }

UserBatch::UserBatch(std::span<const NewUser> users)
    : users_(insert_users()), identifiers_(insert_identifiers()), passwords_(insert_passwords()), terms_(insert_terms()) {
  struct Indexed {
    Term term;
    int64_t position;
    auto operator<=>(const Indexed&) const = default;
  };
  struct Owned {
    UserIdentifier identifier;
    const UserId* owner;
    bool operator<(const Owned& other) const { return identifier < other.identifier; }
  };
  std::vector<Indexed> terms;
  std::vector<Owned> identifiers;
  std::vector<const NewUser*> by_id;
  for (const NewUser& one : users) by_id.push_back(&one);
  std::sort(by_id.begin(), by_id.end(), [](const NewUser* a, const NewUser* b) { return a->user.id.str() < b->user.id.str(); });
  for (const NewUser* one : by_id) {
    const User& user = one->user;
    tenant_ = user.tenant;
    ++count_;
    users_.add(user.tenant, user.id, user.position, user.connection(), user.email, user.email_verified, user.username, user.phone_number,
               user.phone_verified, user.blocked, json::serialize(user.attributes), json::serialize(user.user_metadata),
               json::serialize(user.app_metadata), identities_json(user), user.logins_count, user.last_login, user.last_ip,
               user.last_password_reset, user.created_at, user.updated_at);
    for (UserIdentifier& identifier : identifiers_of(user)) identifiers.push_back({std::move(identifier), &user.id});
    for (Term& term : terms_of(user)) terms.push_back({std::move(term), user.position});
    if (one->password) {
      json::array history;
      for (const std::string& hash : one->password->history) history.emplace_back(hash);
      passwords_.add(user.tenant, user.id, one->password->hash, one->password->set_at, json::serialize(history));
    }
  }
  for (const Owned* owned : sorted_pointers(identifiers))
    identifiers_.add(*tenant_, owned->identifier.connection, owned->identifier.kind, owned->identifier.value, *owned->owner);
  for (const Indexed* indexed : sorted_pointers(terms)) terms_.add(*tenant_, indexed->term.first, indexed->term.second, indexed->position);
  for (BulkInsert* insert : {&users_, &identifiers_, &passwords_, &terms_}) insert->close();
}

Result<void> UserBatch::insert(storage::Transaction& tx) const {
  if (count_ == 0) return {};
  for (const BulkInsert* insert : {&users_, &identifiers_, &passwords_, &terms_}) TRY_VOID(insert->run(tx));
  return storage::counters::add(tx, *tenant_, "users", count_);
}

}  // namespace gatehouse::model
