#include "model/users/user_search.h"

#include <charconv>

#include "model/users/lucene.h"
#include "model/users/user_terms.h"

namespace gatehouse::model {
namespace {

using lucene::Node;

/// Fields that are columns of their own: times as ISO 8601 on the wire, and numbers.
enum class ColumnType { time, number, text };
struct Column {
  std::string_view field, column;
  ColumnType type;
};
constexpr Column kColumns[] = {
    {"created_at", "created_at", ColumnType::time},       {"updated_at", "updated_at", ColumnType::time},
    {"last_login", "last_login", ColumnType::time},       {"last_password_reset", "last_password_reset", ColumnType::time},
    {"logins_count", "logins_count", ColumnType::number}, {"last_ip", "last_ip", ColumnType::text}};

/// Where a term without a field looks.
constexpr std::string_view kDefaultPaths =
    "path IN ('email', 'name', 'nickname', 'given_name', 'family_name', 'username', 'phone_number', 'user_id', 'identities.user_id', "
    "'identities.connection', 'identities.provider')";

const Column* column_of(std::string_view field) {
  for (const Column& column : kColumns)
    if (column.field == field) return &column;
  return nullptr;
}

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

/// The least string greater than every string that begins with `prefix`; empty: there is none.
std::string after_prefix(std::string prefix) {
  while (!prefix.empty() && uint8_t(prefix.back()) >= 0xF4) prefix.pop_back();
  // UTF-8 text only: a larger last byte that keeps the text valid for PostgreSQL is a larger code point
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

class Compiler {
 public:
  explicit Compiler(const TenantId& tenant) { query_.arguments.emplace_back(tenant); }

  Result<UserQuery> run(const UserSearch& search) {
    query_.condition = "u.tenant = $1";
    if (!search.connection.empty())
      query_.condition += " AND " + terms("path = 'identities.connection' AND value = " + bind(search.connection));
    if (!search.q.empty()) {
      TRY(const std::unique_ptr<Node> node, lucene::parse(search.q));
      TRY(const std::string condition, compile(*node));
      query_.condition += " AND " + condition;
    }
    return std::move(query_);
  }

 private:
  std::string bind(storage::Value value) {
    query_.arguments.push_back(std::move(value));
    return "$" + std::to_string(query_.arguments.size());
  }
  static std::string terms(const std::string& condition) {
    return "u.position IN (SELECT position FROM user_terms WHERE tenant = $1 AND " + condition + ")";
  }

  Result<std::string> compile(const Node& node) {
    // Databases bound how deep an expression may be (SQLite: 1000), and a wildcard costs a few levels.
    size_ += 1 + 3 * node.pieces.size();
    if (size_ > kMaxSize) return Error{Errc::invalid_argument, "the query has too many terms or wildcards"};
    switch (node.kind) {
      case Node::Kind::all_of:
        return join(node, " AND ");
      case Node::Kind::any_of:
        return join(node, " OR ");
      case Node::Kind::none_of: {
        TRY(const std::string inner, compile(*node.children.front()));
        return "NOT (" + inner + ")";
      }
      case Node::Kind::exists:
        return exists(node.field);
      case Node::Kind::term:
        return term(node);
      case Node::Kind::range:
        return range(node);
    }
    return Error{Errc::internal, "unknown kind of term"};
  }

  Result<std::string> join(const Node& node, std::string_view word) {
    std::string out = "(";
    for (const auto& child : node.children) {
      if (out.size() > 1) out += word;
      TRY(const std::string condition, compile(*child));
      out += condition;
    }
    return out + ")";
  }

  Result<std::string> exists(const std::string& field) {
    if (const Column* column = column_of(field))
      return column->field == "logins_count" ? std::string("u.logins_count > 0") : "u." + std::string(column->column) + " IS NOT NULL";
    // the value itself, or something below it
    return terms("(path = " + bind(field) + " OR (path >= " + bind(field + ".") + " AND path < " + bind(field + "/") + "))");
  }

  Result<std::string> term(const Node& node) {
    if (const Column* column = column_of(node.field)) return column_term(*column, node);
    const bool any_value = node.pieces.size() == 2 && node.pieces[0].empty() && node.pieces[1].empty();
    if (any_value && node.field.empty()) return std::string("1 = 1");
    if (any_value && !node.field.starts_with("user_metadata")) return exists(node.field);
    const std::string path = node.field.empty() ? std::string(kDefaultPaths) : "path = " + bind(node.field);
    const std::string_view fold_as = node.field.empty() ? "name" : std::string_view(node.field);
    if (node.pieces.size() == 1) {
      const std::string& value = node.pieces.front();
      if (!node.field.empty()) return terms(path + " AND value = " + bind(term_value(fold_as, value)));
      // without a field: folded fields and exact ones differ in case
      return terms(path + " AND value IN (" + bind(term_value("name", value)) + ", " + bind(term_value("", value)) + ")");
    }
    if (node.field.starts_with("user_metadata")) return Error{Errc::invalid_argument, "user_metadata cannot be searched with wildcards"};
    std::vector<std::string> pieces;
    for (const std::string& piece : node.pieces) pieces.push_back(term_value(fold_as, piece));
    if (pieces.front().empty()) {
      size_t longest = 0;
      for (const std::string& piece : pieces) longest = std::max(longest, piece.size());
      if (longest < 3) return Error{Errc::invalid_argument, "a search that begins with * needs at least 3 literal characters"};
    }
    std::string condition = path;
    if (const std::string& prefix = pieces.front(); !prefix.empty()) {
      const std::string begin = bind(prefix);
      condition += " AND value >= " + begin;
      if (const std::string end = after_prefix(prefix); !end.empty()) condition += " AND value < " + bind(end);
      condition += " AND substr(value, 1, length(" + begin + ")) = " + begin;
    }
    // LIKE folds ASCII case on SQLite and not on PostgreSQL: it keeps the order of the pieces, the exact tests their case
    if (pieces.size() > 2 || !pieces.back().empty()) condition += " AND value LIKE " + bind(like_pattern(pieces)) + " ESCAPE '\\'";
    for (size_t i = 1; i < pieces.size(); ++i)
      if (!pieces[i].empty()) condition += " AND replace(value, " + bind(pieces[i]) + ", '') <> value";
    if (const std::string& suffix = pieces.back(); !suffix.empty()) {
      const std::string s = bind(suffix);
      condition += " AND substr(value, length(value) - length(" + s + ") + 1) = " + s;
    }
    return terms(condition);
  }

  Result<std::string> column_term(const Column& column, const Node& node) {
    const std::string name = "u." + std::string(column.column);
    if (node.pieces.size() != 1) {
      if (node.pieces.size() == 2 && node.pieces[0].empty() && node.pieces[1].empty()) return name + " IS NOT NULL";
      return Error{Errc::invalid_argument, std::string(column.field) + " cannot be searched with wildcards"};
    }
    TRY(const auto bounds, bounds_of(column, node.pieces.front()));
    return "(" + name + " >= " + bind(bounds.first) + " AND " + name + " <= " + bind(bounds.second) + ")";
  }

  /// The least and the greatest stored value that a written one means.
  static Result<std::pair<storage::Value, storage::Value>> bounds_of(const Column& column, const std::string& text) {
    switch (column.type) {
      case ColumnType::text:
        return std::pair<storage::Value, storage::Value>(text, text);
      case ColumnType::time:
        if (const auto span = parse_time(text)) return std::pair<storage::Value, storage::Value>(span->first, span->second);
        return Error{Errc::invalid_argument,
                     std::string(column.field) + " takes a date such as 2026-01-31 or 2026-01-31T10:00:00Z, not " + text};
      case ColumnType::number: {
        int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error == std::errc{} && end == text.data() + text.size()) return std::pair<storage::Value, storage::Value>(number, number);
        return Error{Errc::invalid_argument, std::string(column.field) + " takes a whole number, not " + text};
      }
    }
    return Error{Errc::internal, "unknown type of column"};
  }

  Result<std::string> range(const Node& node) {
    if (node.field.empty()) return Error{Errc::invalid_argument, "a range needs a field"};
    if (node.field.starts_with("user_metadata")) return Error{Errc::invalid_argument, "user_metadata cannot be searched with ranges"};
    const Column* column = column_of(node.field);
    const std::string name = column ? "u." + std::string(column->column) : std::string("value");
    std::string condition = column ? name + " IS NOT NULL" : "path = " + bind(node.field);
    if (node.low) {
      storage::Value at{term_value(node.field, *node.low)};
      if (column) {
        TRY(auto bounds, bounds_of(*column, *node.low));
        at = node.low_inclusive ? std::move(bounds.first) : std::move(bounds.second);
      }
      condition += " AND " + name + (node.low_inclusive ? " >= " : " > ") + bind(std::move(at));
    }
    if (node.high) {
      storage::Value at{term_value(node.field, *node.high)};
      if (column) {
        TRY(auto bounds, bounds_of(*column, *node.high));
        at = node.high_inclusive ? std::move(bounds.second) : std::move(bounds.first);
      }
      condition += " AND " + name + (node.high_inclusive ? " <= " : " < ") + bind(std::move(at));
    }
    return column ? "(" + condition + ")" : terms(condition);
  }

  static constexpr size_t kMaxSize = 800;
  UserQuery query_;
  size_t size_ = 0;
};

/// What follows WHERE's condition and what has to be joined for it. Fields without a column sort by their first search term.
struct Order {
  std::string join, by;
};
Order order_of(const UserSearch& search, UserQuery& query) {
  const std::string direction = search.descending ? " DESC" : " ASC";
  if (search.sort_field.empty()) return {"", " ORDER BY u.position" + direction};
  for (const std::string_view column :
       {"created_at", "updated_at", "last_login", "logins_count", "email", "username", "phone_number", "email_verified", "blocked"})
    if (search.sort_field == column) return {"", " ORDER BY u." + std::string(column) + direction + ", u.position" + direction};
  if (search.sort_field == "user_id") return {"", " ORDER BY u.id" + direction};
  query.arguments.emplace_back(search.sort_field);
  return {" LEFT JOIN (SELECT position, MIN(value) AS value FROM user_terms WHERE tenant = $1 AND path = $" +
              std::to_string(query.arguments.size()) + " GROUP BY position) s ON s.position = u.position",
          " ORDER BY s.value" + direction + ", u.position" + direction};
}

}  // namespace

Result<UserQuery> compile_user_query(const TenantId& tenant, const UserSearch& search) { return Compiler(tenant).run(search); }

Result<std::vector<UserId>> find_users(storage::Reader& reader, const TenantId& tenant, const UserSearch& search) {
  TRY(UserQuery query, compile_user_query(tenant, search));
  const Order order = order_of(search, query);
  std::string sql = "SELECT u.id FROM users u" + order.join + " WHERE " + query.condition + order.by;
  query.arguments.emplace_back(search.limit);
  sql += " LIMIT $" + std::to_string(query.arguments.size());
  query.arguments.emplace_back(search.offset);
  sql += " OFFSET $" + std::to_string(query.arguments.size());
  TRY(const storage::Rows rows, reader.run_query(sql, query.arguments));
  std::vector<UserId> ids;
  for (const storage::Row& row : rows) ids.emplace_back(row.text(0));
  return ids;
}

Result<int64_t> count_users(storage::Reader& reader, const TenantId& tenant, const UserSearch& search) {
  TRY(UserQuery query, compile_user_query(tenant, search));
  query.arguments.emplace_back(kMaxSearchResults);
  const std::string sql = "SELECT COUNT(*) FROM (SELECT u.id FROM users u WHERE " + query.condition + " LIMIT $" +
                          std::to_string(query.arguments.size()) + ") found";
  TRY(const storage::Rows rows, reader.run_query(sql, query.arguments));
  return rows.front().int64(0);
}

}  // namespace gatehouse::model
