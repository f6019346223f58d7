#include "model/users/user_route.h"

#include "model/users/user_terms.h"

namespace gatehouse::model {
namespace {

using Kind = UserCondition::Kind;

storage::Value value_of(const UserCondition::End& end) {
  return std::visit([](const auto& v) { return storage::Value(v); }, end);
}

/// The least string greater than every string that begins with `prefix`; empty: there is none. It may be a little too great where the
/// last character is not ASCII: PostgreSQL takes valid UTF-8 only.
std::string after_prefix(std::string prefix) {
  while (!prefix.empty() && uint8_t(prefix.back()) >= 0x7F) {
    size_t begin = prefix.size() - 1;
    while (begin > 0 && (uint8_t(prefix[begin]) & 0xC0) == 0x80) --begin;
    prefix.resize(begin);
  }
  if (!prefix.empty()) prefix.back() = char(prefix.back() + 1);
  return prefix;
}

std::string like_pattern(const std::vector<std::string>& pieces) {
  std::string out;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0) out += '%';
    for (const char c : pieces[i]) {
      if (c == '%' || c == '_' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

/// " AND name >= $5 AND name < $6"
std::string between(const UserCondition& c, const std::string& name, UserSql& sql) {
  std::string out;
  if (c.low) out += " AND " + name + (c.low_inclusive ? " >= " : " > ") + sql.bind(value_of(*c.low));
  if (c.high) out += " AND " + name + (c.high_inclusive ? " <= " : " < ") + sql.bind(value_of(*c.high));
  return out;
}

std::string fitting(const std::vector<std::string>& pieces, UserSql& sql) {
  std::string out;
  if (pieces.empty()) return out;
  const std::string& prefix = pieces.front();
  if (!prefix.empty()) {
    out += " AND t.value >= " + sql.bind(prefix);
    if (std::string end = after_prefix(prefix); !end.empty()) out += " AND t.value < " + sql.bind(std::move(end));
  }
  const bool said_already = pieces.size() == 2 && pieces.back().empty() && !prefix.empty() && uint8_t(prefix.back()) < 0x7F;
  if (!said_already) out += " AND t.value LIKE " + sql.bind(like_pattern(pieces)) + " ESCAPE '\\'";
  return out;
}

/// Paths of which a user has one value at most.
bool is_single(std::string_view path) {
  return is_case_insensitive_path(path) || path == "user_id" || path == "phone_number" || path == "email_verified" || path == "phone_verified" ||
         path == "blocked" || path == "picture";
}

UserList terms_at(const std::string& path, UserSql& sql) {
  UserList list;
  list.from = "user_terms t";
  list.where = "t.tenant = $1 AND t.path = " + sql.bind(path);
  list.order = "t.value, t.position";
  list.each_once = is_single(path);
  return list;
}

UserList all_users() {
  UserList list;
  list.from = "users t";
  list.where = "t.tenant = $1";
  list.order = "t.position";
  list.of_users = list.by_position = true;
  return list;
}

/// One after the other; merged in order of creation where each is in it.
UserList together(std::vector<UserList> lists) {
  if (lists.size() == 1) return std::move(lists.front());
  UserList all;
  all.by_position = true;
  all.each_once = false;
  for (UserList& list : lists) {
    all.by_position = all.by_position && list.by_position;
    if (list.parts.empty())
      all.parts.push_back(std::move(list));
    else
      std::move(list.parts.begin(), list.parts.end(), std::back_inserter(all.parts));
  }
  if (all.by_position) all.order = "t.position";
  return all;
}

std::string in_list(const std::vector<std::string>& values, UserSql& sql) {
  if (values.size() == 1) return " = " + sql.bind(values.front());
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? " IN (" : ", ") + sql.bind(value);
  return out + ")";
}

/// Of a conjunction: the part whose list is worth most when nothing is known about their lengths.
const UserCondition* best_part(const UserCondition& all) {
  const UserCondition* best = nullptr;
  for (const UserCondition& part : all.children)
    if (has_list(part) && (!best || (best->kind != Kind::value && part.kind == Kind::value))) best = &part;
  return best;
}

// OFFSET 0 keeps PostgreSQL from turning the question around into a join that reads all of the other list.
constexpr std::string_view kOnce = " LIMIT 1 OFFSET 0)";

std::string question(const UserCondition& c, const UserList& about, UserSql& sql) {
  switch (c.kind) {
    case Kind::all_of:
    case Kind::any_of: {
      std::string out;
      for (const UserCondition& child : c.children)
        out += (out.empty() ? "(" : c.kind == Kind::all_of ? " AND " : " OR ") + question(child, about, sql);
      return out + ")";
    }
    case Kind::none_of:
      return "NOT " + question(c.children.front(), about, sql);
    case Kind::value:
      return "EXISTS (SELECT 1 FROM user_terms e WHERE e.tenant = $1 AND e.path" + in_list(c.paths, sql) + " AND e.value" +
             in_list(c.values, sql) + " AND e.position = t.position" + std::string(kOnce);
    case Kind::column: {
      const std::string name = (about.of_users ? "t." : "e.") + std::string(c.column->name);
      const std::string condition = name + " IS NOT NULL" + between(c, name, sql);
      if (about.of_users) return "(" + condition + ")";
      return "EXISTS (SELECT 1 FROM users e WHERE e.tenant = $1 AND e.position = t.position AND " + condition + std::string(kOnce);
    }
    case Kind::everybody:
    case Kind::span:
    case Kind::exists:
      break;
  }
  return "1 = 1";
}

}  // namespace

bool has_list(const UserCondition& c) {
  switch (c.kind) {
    case Kind::all_of:
      return best_part(c) != nullptr;
    case Kind::any_of:
      return std::all_of(c.children.begin(), c.children.end(), has_list);
    case Kind::none_of:
      return false;
    case Kind::column:
      return c.column->indexed;
    case Kind::everybody:
    case Kind::value:
    case Kind::span:
    case Kind::exists:
      return true;
  }
  return false;
}

bool has_exact_list(const UserCondition& c) {
  const UserCondition* best = c.kind == Kind::all_of ? best_part(c) : nullptr;
  return std::all_of(c.children.begin(), c.children.end(),
                     [best](const UserCondition& child) { return best && &child != best ? has_question(child) : has_exact_list(child); });
}

UserList list_of(const UserCondition& c, UserSql& sql) {
  switch (c.kind) {
    case Kind::all_of: {
      const UserCondition* part = best_part(c);
      UserList list = list_of(*part, sql);
      for (const UserCondition& other : c.children)
        if (&other != part && has_question(other)) narrow(list, other, sql);
      return list;
    }
    case Kind::any_of: {
      std::vector<UserList> lists;
      for (const UserCondition& child : c.children) lists.push_back(list_of(child, sql));
      return together(std::move(lists));
    }
    case Kind::value: {
      UserList list;
      list.from = "user_terms t";
      list.where = "t.tenant = $1 AND t.path" + in_list(c.paths, sql) + " AND t.value" + in_list(c.values, sql);
      list.by_position = list.each_once = c.paths.size() == 1 && c.values.size() == 1;
      if (list.by_position) list.order = "t.position";
      return list;
    }
    case Kind::span: {
      UserList list = terms_at(c.paths.front(), sql);
      list.where += between(c, "t.value", sql) + fitting(c.pieces, sql);
      return list;
    }
    case Kind::exists: {
      UserList itself = terms_at(c.paths.front(), sql);
      if (itself.each_once) return itself;
      UserList below;
      below.from = "user_terms t";
      below.where = "t.tenant = $1 AND t.path >= " + sql.bind(c.paths.front() + ".") + " AND t.path < " + sql.bind(c.paths.front() + "/");
      return together({std::move(itself), std::move(below)});
    }
    case Kind::column: {
      UserList list = all_users();
      const std::string name = "t." + std::string(c.column->name);
      list.where += " AND " + name + " IS NOT NULL" + between(c, name, sql);
      list.order = name + ", t.position";
      list.by_position = false;
      return list;
    }
    case Kind::none_of:
    case Kind::everybody:
      break;
  }
  return all_users();
}

UserList sorted_list(const std::string& field, bool descending, bool missing, UserSql& sql) {
  const std::string direction = descending ? " DESC" : "";
  const UserColumn* column = user_column(field);
  UserList list = column || missing ? all_users() : terms_at(field, sql);
  const std::string name = column ? "t." + std::string(column->name) : "t.value";
  if (missing && column) list.where += " AND " + name + " IS NULL";
  if (missing) return list;
  if (column) list.where += " AND " + name + " IS NOT NULL";
  list.order = name + direction + ", t.position" + direction;
  list.by_position = false;
  return list;
}

bool has_question(const UserCondition& c) {
  if (c.kind == Kind::span || c.kind == Kind::exists) return false;
  return std::all_of(c.children.begin(), c.children.end(), has_question);
}

void narrow(UserList& list, const UserCondition& condition, UserSql& sql) {
  if (list.parts.empty()) list.where += " AND " + question(condition, list, sql);
  for (UserList& part : list.parts) narrow(part, condition, sql);
}

std::string select_positions(const UserList& list, std::optional<int64_t> limit, int64_t offset, UserSql& sql) {
  std::string text;
  if (list.parts.empty()) text = "SELECT t.position FROM " + list.from + " WHERE " + list.where;
  // Each part is cut before they are merged: PostgreSQL would rather sort all of them.
  const std::optional<int64_t> of_each = limit && list.by_position ? std::optional(*limit + offset) : std::nullopt;
  for (const UserList& part : list.parts) {
    text += text.empty() ? "SELECT t.position FROM (" : " UNION ALL ";
    const std::string positions = select_positions(part, of_each, 0, sql);
    text += of_each ? "SELECT * FROM (" + positions + ") p" : positions;
  }
  if (!list.parts.empty()) text += ") t";
  if (!limit) return text;
  if (!list.order.empty()) text += " ORDER BY " + list.order;
  text += " LIMIT " + sql.bind(*limit);
  if (offset > 0) text += " OFFSET " + sql.bind(offset);
  return text;
}

}  // namespace gatehouse::model
