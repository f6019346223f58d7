#include "model/users/user_search.h"

#include <unordered_set>

#include "model/users/user_route.h"
#include "model/users/user_terms.h"

namespace gatehouse::model {
namespace {

using Kind = UserCondition::Kind;

/// A list of this many candidates is worth starting from, whatever else is asked.
constexpr int64_t kFew = 500;
/// Of how many conditions the length is looked up before one is chosen.
constexpr int kMostProbes = 8;
/// How many users are fetched at once to be looked at.
constexpr size_t kFetch = 100;
/// A fetched and parsed user costs as much as so many candidates met on an index.
constexpr int64_t kLookCost = 16;

/// A way through an index and what else each candidate has to fulfil.
struct Route {
  std::function<UserList(UserSql&)> list;
  std::vector<const UserCondition*> questions;  ///< that the database answers
  std::vector<const UserCondition*> looks;      ///< that only the user itself answers
};

class Search {
 public:
  Search(storage::Reader& reader, const UserStore& store, const TenantId& tenant, const UserSearch& search)
      : reader_(reader), store_(store), tenant_(tenant), search_(search) {}

  Result<UsersFound> run() {
    TRY(const std::vector<UserCondition> parts, conditions());
    TRY(const Choice choice, choose(parts));
    if (search_.sort_field.empty()) return in_index_order(choice.route);
    TRY(const bool sift, is_worth_sifting(choice));
    if (sift) return sifted(choice.route);
    return in_order_of_field(parts, choice.route);
  }

 private:
  struct Choice {
    Route route;
    std::optional<int64_t> length;  ///< of the list, when it is short
  };

  /// What must hold, each for itself.
  Result<std::vector<UserCondition>> conditions() {
    std::vector<UserCondition> parts;
    if (!search_.q.empty()) {
      TRY(UserCondition all, parse_user_query(search_.q));
      flatten(std::move(all), parts);
    }
    if (!search_.connection.empty()) parts.push_back(UserCondition::value_of("identities.connection", search_.connection));
    return parts;
  }
  static void flatten(UserCondition condition, std::vector<UserCondition>& parts) {
    if (condition.kind != Kind::all_of) return parts.push_back(std::move(condition));
    for (UserCondition& child : condition.children) flatten(std::move(child), parts);
  }

  // --- which index

  /// Values that one user has, or very few.
  static bool is_identifying(const UserCondition& c) {
    if (c.kind != Kind::value || c.paths.size() != 1) return false;
    const std::string& path = c.paths.front();
    return path == "email" || path == "user_id" || path == "username" || path == "phone_number" || path == "identities.user_id";
  }
  /// Values that so many users have that a look at the length is wasted.
  static bool is_common(const UserCondition& c) {
    if (c.kind == Kind::everybody) return true;
    if (c.kind != Kind::value) return false;
    const std::string& path = c.paths.front();
    return path == "blocked" || path == "email_verified" || path == "phone_verified" || path == "identities.connection" ||
           path == "identities.provider" || path == "identities.isSocial";
  }

  Result<Choice> choose(const std::vector<UserCondition>& parts) {
    const UserCondition* best = nullptr;
    std::optional<int64_t> length;
    if (const auto one = std::find_if(parts.begin(), parts.end(), is_identifying); one != parts.end()) {
      best = &*one;
      length = 1;
    } else if (parts.size() > 1 || !search_.sort_field.empty()) {
      int probes = 0;
      for (const UserCondition& part : parts) {
        if (!has_list(part) || is_common(part)) continue;
        if (++probes > kMostProbes) break;
        TRY(const int64_t count, count_list({[&](UserSql& sql) { return list_of(part, sql); }, {}, {}}, kFew + 1));
        if (count > kFew) continue;
        best = &part;
        length = count;
        break;
      }
    }
    if (!best) best = most_useful(parts);
    const UserCondition chosen = best ? *best : UserCondition{};
    Choice choice{{[chosen](UserSql& sql) { return list_of(chosen, sql); }, {}, {}}, length};
    for (const UserCondition& part : parts)
      if (&part != best) (has_question(part) ? choice.route.questions : choice.route.looks).push_back(&part);
    // the list of a conjunction inside may hold more than fulfil it
    if (best && !has_exact_list(*best)) choice.route.looks.push_back(best);
    return choice;
  }

  /// Where nothing is short: best a list that can be asked about in no other way, then a plain value.
  static const UserCondition* most_useful(const std::vector<UserCondition>& parts) {
    const auto rank = [](const UserCondition& c) { return !has_question(c) ? 3 : is_common(c) ? 1 : 2; };
    const UserCondition* best = nullptr;
    for (const UserCondition& part : parts)
      if (has_list(part) && (!best || rank(part) > rank(*best))) best = &part;
    return best;
  }

  // --- what a route leads to

  UserList list_of_route(const Route& route, UserSql& sql) const {
    UserList list = route.list(sql);
    for (const UserCondition* condition : route.questions) narrow(list, *condition, sql);
    return list;
  }

  Result<int64_t> count_list(const Route& route, int64_t at_most) {
    UserSql sql(tenant_);
    std::string text = "SELECT COUNT(*) FROM (" + select_positions(list_of_route(route, sql), std::nullopt, 0, sql);
    text += " LIMIT " + sql.bind(at_most) + ") found";
    TRY(const storage::Rows rows, reader_.run_query(text, sql.arguments));
    return rows.front().int64(0);
  }

  Result<std::vector<int64_t>> positions(const Route& route, int64_t limit, int64_t offset) {
    UserSql sql(tenant_);
    const std::string text = select_positions(list_of_route(route, sql), limit, offset, sql);
    TRY(const storage::Rows rows, reader_.run_query(text, sql.arguments));
    std::vector<int64_t> out;
    out.reserve(rows.size());
    for (const storage::Row& row : rows) out.push_back(row.int64(0));
    return out;
  }

  /// Whether every row of the route is one user found.
  bool is_direct(const Route& route) const {
    UserSql ignored(tenant_);
    return route.looks.empty() && route.list(ignored).each_once;
  }

  /// Appends the users of the route that are not there yet, until there are `wanted`.
  Result<void> collect(const Route& route, size_t wanted, std::vector<int64_t>& found) {
    std::unordered_set<int64_t> seen(found.begin(), found.end());
    int64_t offset = 0;
    for (auto size = int64_t(wanted - std::min(wanted, found.size())); found.size() < wanted; size = std::min<int64_t>(size * 4, 5'000)) {
      TRY(std::vector<int64_t> candidates, positions(route, size, offset));
      const bool last = int64_t(candidates.size()) < size;
      offset += size;
      std::erase_if(candidates, [&](int64_t position) { return !seen.insert(position).second; });
      if (route.looks.empty()) {
        found.insert(found.end(), candidates.begin(), candidates.end());
      } else {
        TRY_VOID(look(route, candidates, [&](User&& user) {
          found.push_back(user.position);
          return found.size() < wanted;
        }));
      }
      if (last) break;
    }
    if (found.size() > wanted) found.resize(wanted);
    return {};
  }

  /// Fetches candidates and hands over those that fulfil what only they themselves can tell, until `take` returns false.
  Result<void> look(const Route& route, std::span<const int64_t> candidates, const std::function<bool(User&&)>& take) {
    while (!candidates.empty()) {
      if (std::chrono::steady_clock::now() > give_up_)
        return Error{Errc::timeout, "The search would have to look at too many users."};
      const size_t count = std::min(kFetch, candidates.size());
      TRY(std::vector<User> users, store_.at(reader_, tenant_, candidates.subspan(0, count)));
      candidates = candidates.subspan(count);
      for (User& user : users) {
        const auto holds = [&user](const UserCondition* condition) { return fulfils(user, *condition); };
        if (std::all_of(route.looks.begin(), route.looks.end(), holds) && !take(std::move(user))) return {};
      }
    }
    return {};
  }

  Result<UsersFound> page_of(const std::vector<int64_t>& found, int64_t offset) {
    const auto size = int64_t(found.size());
    const int64_t begin = std::min(offset, size), end = std::min(begin + search_.limit, size);
    UsersFound page;
    TRY(page.users, store_.at(reader_, tenant_, std::span(found).subspan(size_t(begin), size_t(end - begin))));
    return page;
  }

  /// A page that is not full tells the total by itself.
  std::optional<int64_t> total_from(const UsersFound& page) const {
    const auto length = int64_t(page.users.size());
    if (length == search_.limit || (length == 0 && search_.offset > 0)) return std::nullopt;
    return search_.offset + length;
  }

  Result<int64_t> count(const Route& route) {
    if (is_direct(route)) return count_list(route, kMaxSearchResults);
    std::vector<int64_t> found;
    TRY_VOID(collect(route, size_t(kMaxSearchResults), found));
    return int64_t(found.size());
  }

  // --- the three ways

  Result<UsersFound> in_index_order(const Route& route) {
    if (is_direct(route)) {
      TRY(const std::vector<int64_t> found, positions(route, search_.limit, search_.offset));
      TRY(UsersFound page, page_of(found, 0));
      if (!search_.with_total) return page;
      if (const auto total = total_from(page)) {
        page.total = *total;
      } else {
        TRY(page.total, count(route));
      }
      return page;
    }
    std::vector<int64_t> found;
    TRY_VOID(collect(route, size_t(search_.with_total ? kMaxSearchResults : search_.offset + search_.limit), found));
    TRY(UsersFound page, page_of(found, search_.offset));
    page.total = int64_t(found.size());
    return page;
  }

  Result<UsersFound> in_order_of_field(const std::vector<UserCondition>& parts, const Route& unsorted) {
    const auto sorted = [&](bool missing) {
      Route route{[this, missing](UserSql& sql) { return sorted_list(search_.sort_field, search_.descending, missing, sql); }, {}, {}};
      for (const UserCondition& part : parts) (has_question(part) ? route.questions : route.looks).push_back(&part);
      return route;
    };
    std::vector<int64_t> found;
    const auto wanted = size_t(search_.offset + search_.limit);
    TRY_VOID(collect(sorted(false), wanted, found));
    if (found.size() < wanted) {
      UserCondition has_none;
      has_none.kind = Kind::none_of;
      has_none.children.resize(1);
      has_none.children.front().kind = Kind::span;
      has_none.children.front().paths = {search_.sort_field};
      Route rest = sorted(true);
      if (!user_column(search_.sort_field)) rest.looks.push_back(&has_none);
      TRY_VOID(collect(rest, wanted, found));
    }
    TRY(UsersFound page, page_of(found, search_.offset));
    if (!search_.with_total) return page;
    if (parts.empty()) {
      TRY(page.total, store_.count(reader_, tenant_));
    } else if (const auto total = total_from(page)) {
      page.total = *total;
    } else {
      TRY(page.total, count(unsorted));
    }
    return page;
  }

  /// Whether it is cheaper to fetch all candidates and sort them than to walk along the sorted index until enough of them turned up.
  Result<bool> is_worth_sifting(const Choice& choice) {
    if (!choice.length) return false;
    TRY(const int64_t everybody, store_.count(reader_, tenant_));
    const int64_t wanted = search_.offset + search_.limit, length = std::max<int64_t>(1, *choice.length);
    const int64_t walk = wanted >= length ? everybody : everybody / length * wanted;
    return length * kLookCost <= walk;
  }

  Result<UsersFound> sifted(const Route& route) {
    std::vector<int64_t> candidates;
    TRY_VOID(collect({route.list, route.questions, {}}, size_t(kFew), candidates));
    std::vector<std::pair<SortKey, User>> all;
    TRY_VOID(look(route, candidates, [&](User&& user) {
      SortKey key = sort_key(user);
      all.emplace_back(std::move(key), std::move(user));
      return true;
    }));
    std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
      if (a.first.has_value() != b.first.has_value()) return a.first.has_value();
      if (!a.first) return a.second.position < b.second.position;
      const auto left = std::tie(*a.first, a.second.position), right = std::tie(*b.first, b.second.position);
      return search_.descending ? right < left : left < right;
    });
    UsersFound page;
    page.total = int64_t(all.size());
    for (int64_t i = search_.offset; i < std::min(page.total, search_.offset + search_.limit); ++i)
      page.users.push_back(std::move(all[size_t(i)].second));
    return page;
  }

  using SortKey = std::optional<UserCondition::End>;
  /// Of several values: the first one in the direction of the search.
  SortKey sort_key(const User& user) const {
    const std::string& field = search_.sort_field;
    if (const UserColumn* column = user_column(field)) return column_value(user, *column);
    SortKey key;
    for (const auto& [path, value] : terms_of(user))
      if (path == field && (!key || search_.descending)) key = value;
    return key;
  }

  storage::Reader& reader_;
  const UserStore& store_;
  const TenantId& tenant_;
  const UserSearch& search_;
  const std::chrono::steady_clock::time_point give_up_ = std::chrono::steady_clock::now() + kSearchTime;
};

}  // namespace

Result<UsersFound> search_users(storage::Reader& reader, const UserStore& store, const TenantId& tenant, const UserSearch& search) {
  return Search(reader, store, tenant, search).run();
}

}  // namespace gatehouse::model
