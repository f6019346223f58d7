#include "model/user_imports/import_clashes.h"

#include <unordered_map>

namespace gatehouse::model {
namespace {

constexpr size_t values_at_once = 64;  // a constant, so that the text stays prepared

/// beginning ($next, …) for values_at_once values.
std::string with_list(std::string beginning, size_t next) {
  for (size_t i = 0; i < values_at_once; ++i) beginning.append(i == 0 ? "($" : ", $").append(std::to_string(next + i));
  return beginning + ")";
}

/// Asks for all values in groups, the last one filled up with its own last value.
Result<void> ask(storage::Reader& reader, const std::string& sql, const std::vector<storage::Value>& fixed, const std::vector<std::string>& values,
                 const std::function<void(const storage::Row&)>& take) {
  for (size_t begin = 0; begin < values.size(); begin += values_at_once) {
    std::vector<storage::Value> arguments = fixed;
    for (size_t i = 0; i < values_at_once; ++i) arguments.emplace_back(values[std::min(begin + i, values.size() - 1)]);
    TRY(const storage::Rows rows, reader.run_query(sql, arguments));
    for (const storage::Row& row : rows) take(row);
  }
  return {};
}

}  // namespace

Result<std::multimap<size_t, Clash>> find_clashes(storage::Reader& reader, std::span<const NewUser* const> users) {
  static const std::string by_identifier =
      with_list("SELECT value, user_id FROM user_identifiers WHERE tenant = $1 AND connection = $2 AND kind = $3 AND value IN ", 4);
  static const std::string by_id = with_list("SELECT id FROM users WHERE tenant = $1 AND id IN ", 2);
  static const std::string by_link =
      with_list("SELECT own_id, user_id FROM linked_identities WHERE tenant = $1 AND provider = $2 AND own_id IN ", 3);
  std::multimap<size_t, Clash> clashes;
  if (users.empty()) return clashes;
  const User& first = users.front()->user;

  std::map<std::string, std::unordered_map<std::string, size_t>> owners;  // kind → value → index
  for (size_t i = 0; i < users.size(); ++i) {
    for (UserIdentifier& identifier : identifiers_of(users[i]->user)) owners[identifier.kind].emplace(std::move(identifier.value), i);
    owners["user_id"].emplace(users[i]->user.id.str(), i);
  }
  for (const auto& [kind, by_value] : owners) {
    std::vector<std::string> values;
    for (const auto& [value, index] : by_value) values.push_back(value);
    std::sort(values.begin(), values.end());
    const bool ids = kind == "user_id";
    const std::vector<storage::Value> fixed =
        ids ? std::vector<storage::Value>{first.tenant} : std::vector<storage::Value>{first.tenant, first.connection(), kind};
    TRY_VOID(ask(reader, ids ? by_id : by_identifier, fixed, values, [&, &known = by_value, &name = kind](const storage::Row& row) {
      clashes.emplace(known.at(row.text(0)), Clash{name, UserId(row.text(ids ? 0 : 1))});
    }));
  }
  // The id of an account that was linked to somebody is taken, too: its password is kept under it.
  std::vector<std::string> own_ids;
  std::unordered_map<std::string, size_t> by_own_id;
  for (size_t i = 0; i < users.size(); ++i) {
    own_ids.push_back(users[i]->user.identities.front().user_id);
    by_own_id.emplace(own_ids.back(), i);
  }
  std::sort(own_ids.begin(), own_ids.end());
  TRY_VOID(ask(reader, by_link, {first.tenant, first.identities.front().provider}, own_ids, [&](const storage::Row& row) {
    clashes.emplace(by_own_id.at(row.text(0)), Clash{"user_id", UserId(row.text(1))});
  }));
  return clashes;
}

}  // namespace gatehouse::model
