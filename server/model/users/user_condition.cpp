#include "model/users/user_condition.h"

#include <charconv>

#include "model/users/lucene.h"
#include "model/users/user_terms.h"

namespace gatehouse::model {
namespace {

using lucene::Node;
using Kind = UserCondition::Kind;

constexpr UserColumn kColumns[] = {{"created_at", UserColumn::Type::time, true},      {"updated_at", UserColumn::Type::time, true},
                                   {"last_login", UserColumn::Type::time, true},      {"last_password_reset", UserColumn::Type::time, false},
                                   {"logins_count", UserColumn::Type::number, true}, {"last_ip", UserColumn::Type::text, false}};

/// Where a term without a field looks.
constexpr std::string_view kDefaultPaths[] = {"email",       "name",         "nickname", "given_name",         "family_name",           "username",
                                              "phone_number", "user_id", "identities.user_id", "identities.connection", "identities.provider"};

Error refused(std::string what) { return {Errc::invalid_argument, std::move(what)}; }

/// A date or date-time as the first and last microsecond it may mean: 2024-12-31 is a day, 2024-12 a month, 2024-12-31T10:00:00Z a second.
std::optional<std::pair<int64_t, int64_t>> parse_time(std::string_view text) {
  int y = 0, mo = 1, d = 1, h = 0, mi = 0, s = 0, used = 0;
  const std::string copy(text);
  const auto fits = [&](const char* format, auto*... out) {
    used = 0;
    return std::sscanf(copy.c_str(), format, out..., &used) >= int(sizeof...(out)) && used == int(copy.size());
  };
  int64_t span = 0;
  int ms = 0;
  if (fits("%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &y, &mo, &d, &h, &mi, &s, &ms))
    span = 1'000;
  else if (fits("%4d-%2d-%2dT%2d:%2d:%2dZ%n", &y, &mo, &d, &h, &mi, &s) || fits("%4d-%2d-%2dT%2d:%2d:%2d%n", &y, &mo, &d, &h, &mi, &s))
    ms = 0, span = 1'000'000;
  else if (fits("%4d-%2d-%2d%n", &y, &mo, &d))
    h = mi = s = ms = 0, span = 86'400'000'000;
  else if (fits("%4d-%2d%n", &y, &mo))
    d = 1, h = mi = s = ms = 0, span = -1;
  else
    return std::nullopt;
  using namespace std::chrono;
  const year_month_day date{year(y), month(unsigned(mo)), day(unsigned(d))};
  if (!date.ok() || h > 23 || mi > 59 || s > 59) return std::nullopt;
  const Timestamp from = sys_days(date) + hours(h) + minutes(mi) + seconds(s) + milliseconds(ms);
  if (span == -1) span = microseconds(sys_days(date.year() / date.month() / last) + days(1) - sys_days(date)).count();
  return std::pair(to_micros(from), to_micros(from) + span - 1);
}

/// The least and the greatest stored value that a written one means.
Result<std::pair<UserCondition::End, UserCondition::End>> ends_of(const UserColumn& column, const std::string& text) {
  using Ends = std::pair<UserCondition::End, UserCondition::End>;
  switch (column.type) {
    case UserColumn::Type::text:
      return Ends(text, text);
    case UserColumn::Type::time:
      if (const auto span = parse_time(text)) return Ends(span->first, span->second);
      return refused(std::string(column.name) + " takes a date such as 2026-01-31 or 2026-01-31T10:00:00Z, not " + text);
    case UserColumn::Type::number: {
      int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error == std::errc{} && end == text.data() + text.size()) return Ends(number, number);
      return refused(std::string(column.name) + " takes a whole number, not " + text);
    }
  }
  return Error{Errc::internal, "unknown type of column"};
}

UserCondition exists(const std::string& field) {
  UserCondition out;
  out.column = user_column(field);
  out.kind = out.column ? Kind::column : Kind::exists;
  if (!out.column)
    out.paths = {field};
  else if (out.column->name == "logins_count")
    out.low = int64_t{1};
  return out;
}

bool is_any_value(const Node& node) { return node.pieces.size() == 2 && node.pieces[0].empty() && node.pieces[1].empty(); }

Result<UserCondition> column_term(const UserColumn& column, const Node& node) {
  if (is_any_value(node)) {
    UserCondition out;
    out.kind = Kind::column;
    out.column = &column;
    return out;
  }
  if (node.pieces.size() != 1) return refused(std::string(column.name) + " cannot be searched with wildcards");
  TRY(auto ends, ends_of(column, node.pieces.front()));
  UserCondition out;
  out.kind = Kind::column;
  out.column = &column;
  out.low = std::move(ends.first);
  out.high = std::move(ends.second);
  return out;
}

Result<UserCondition> term(const Node& node) {
  if (const UserColumn* column = user_column(node.field)) return column_term(*column, node);
  if (is_any_value(node) && node.field.empty()) return UserCondition{};
  const bool metadata = node.field.starts_with("user_metadata");
  if (is_any_value(node) && !metadata) return exists(node.field);
  UserCondition out;
  out.kind = Kind::value;
  if (node.field.empty())
    out.paths.assign(std::begin(kDefaultPaths), std::end(kDefaultPaths));
  else
    out.paths = {node.field};
  const std::string_view fold_as = node.field.empty() ? "name" : std::string_view(node.field);
  if (node.pieces.size() == 1) {
    out.values = {term_value(fold_as, node.pieces.front())};
    // without a field: folded fields and exact ones differ in case
    if (std::string exact = term_value("", node.pieces.front()); node.field.empty() && exact != out.values.front())
      out.values.push_back(std::move(exact));
    return out;
  }
  if (metadata) return refused("user_metadata cannot be searched with wildcards");
  size_t longest = 0;
  for (const std::string& piece : node.pieces) {
    out.pieces.push_back(term_value(fold_as, piece));
    longest = std::max(longest, out.pieces.back().size());
  }
  if (out.pieces.front().empty() && longest < 3) return refused("a search that begins with * needs at least 3 literal characters");
  out.kind = Kind::span;
  if (node.field.empty()) {
    UserCondition any;
    any.kind = Kind::any_of;
    for (std::string& path : std::exchange(out.paths, {})) {
      any.children.push_back(out);
      any.children.back().paths = {std::move(path)};
    }
    return any;
  }
  return out;
}

Result<UserCondition> range(const Node& node) {
  if (node.field.empty()) return refused("a range needs a field");
  if (node.field.starts_with("user_metadata")) return refused("user_metadata cannot be searched with ranges");
  UserCondition out;
  out.column = user_column(node.field);
  out.kind = out.column ? Kind::column : Kind::span;
  if (!out.column) out.paths = {node.field};
  out.low_inclusive = node.low_inclusive;
  out.high_inclusive = node.high_inclusive;
  const auto end = [&](const std::optional<std::string>& text, bool first) -> Result<std::optional<UserCondition::End>> {
    if (!text) return std::optional<UserCondition::End>{};
    if (!out.column) return std::optional<UserCondition::End>(term_value(node.field, *text));
    TRY(auto ends, ends_of(*out.column, *text));
    return std::optional(first ? std::move(ends.first) : std::move(ends.second));
  };
  TRY(out.low, end(node.low, node.low_inclusive));
  TRY(out.high, end(node.high, !node.high_inclusive));
  return out;
}

Result<UserCondition> understand(const Node& node, size_t& size) {
  // Databases bound how deep an expression may be (SQLite: 1000; 500 parts of a union), and a wildcard costs a few levels.
  constexpr size_t kMaxSize = 800;
  size += (1 + 3 * node.pieces.size()) * (node.field.empty() && node.pieces.size() > 1 ? std::size(kDefaultPaths) : 1);
  if (size > kMaxSize) return refused("the query has too many terms or wildcards");
  UserCondition out;
  switch (node.kind) {
    case Node::Kind::term:
      return term(node);
    case Node::Kind::range:
      return range(node);
    case Node::Kind::exists:
      return exists(node.field);
    case Node::Kind::all_of:
      out.kind = Kind::all_of;
      break;
    case Node::Kind::any_of:
      out.kind = Kind::any_of;
      break;
    case Node::Kind::none_of:
      out.kind = Kind::none_of;
      break;
  }
  for (const auto& child : node.children) {
    TRY(UserCondition condition, understand(*child, size));
    out.children.push_back(std::move(condition));
  }
  return out;
}

bool fits(std::string_view text, const std::vector<std::string>& pieces) {
  const std::string& front = pieces.front();
  const std::string& back = pieces.back();
  if (text.size() < front.size() + back.size() || !text.starts_with(front) || !text.ends_with(back)) return false;
  text = text.substr(front.size(), text.size() - front.size() - back.size());
  for (size_t i = 1; i + 1 < pieces.size(); ++i) {
    const size_t at = text.find(pieces[i]);
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + pieces[i].size());
  }
  return true;
}

bool between(const UserCondition::End& value, const UserCondition& c) {
  if (c.low && (c.low_inclusive ? value < *c.low : value <= *c.low)) return false;
  return !(c.high && (c.high_inclusive ? value > *c.high : value >= *c.high));
}

bool fulfils(const User& user, const std::vector<Term>& terms, const UserCondition& c) {
  const auto holds = [&](const UserCondition& child) { return fulfils(user, terms, child); };
  switch (c.kind) {
    case Kind::all_of:
      return std::all_of(c.children.begin(), c.children.end(), holds);
    case Kind::any_of:
      return std::any_of(c.children.begin(), c.children.end(), holds);
    case Kind::none_of:
      return !holds(c.children.front());
    case Kind::everybody:
      return true;
    case Kind::column: {
      const std::optional<UserCondition::End> value = column_value(user, *c.column);
      return value && between(*value, c);
    }
    case Kind::value:
      return std::any_of(terms.begin(), terms.end(), [&](const Term& term) {
        return std::find(c.paths.begin(), c.paths.end(), term.first) != c.paths.end() &&
               std::find(c.values.begin(), c.values.end(), term.second) != c.values.end();
      });
    case Kind::span:
      return std::any_of(terms.begin(), terms.end(), [&](const Term& term) {
        return term.first == c.paths.front() && between(term.second, c) && (c.pieces.empty() || fits(term.second, c.pieces));
      });
    case Kind::exists:
      return std::any_of(terms.begin(), terms.end(), [&](const Term& term) {
        return term.first == c.paths.front() || term.first.starts_with(c.paths.front() + ".");
      });
  }
  return false;
}

}  // namespace

const UserColumn* user_column(std::string_view field) {
  for (const UserColumn& column : kColumns)
    if (column.name == field) return &column;
  return nullptr;
}

std::optional<UserCondition::End> column_value(const User& user, const UserColumn& column) {
  if (column.name == "last_ip") return UserCondition::End(user.last_ip);
  if (column.name == "logins_count") return UserCondition::End(user.logins_count);
  const std::optional<Timestamp> time = column.name == "created_at"   ? std::optional(user.created_at)
                                        : column.name == "updated_at" ? std::optional(user.updated_at)
                                        : column.name == "last_login" ? user.last_login
                                                                      : user.last_password_reset;
  return time ? std::optional<UserCondition::End>(to_micros(*time)) : std::nullopt;
}

UserCondition UserCondition::value_of(std::string path, std::string_view value) {
  UserCondition out;
  out.kind = Kind::value;
  out.values = {term_value(path, value)};
  out.paths = {std::move(path)};
  return out;
}

Result<UserCondition> parse_user_query(std::string_view q) {
  TRY(const std::unique_ptr<Node> tree, lucene::parse(q));
  size_t size = 0;
  return understand(*tree, size);
}

bool fulfils(const User& user, const UserCondition& condition) { return fulfils(user, terms_of(user), condition); }

}  // namespace gatehouse::model
