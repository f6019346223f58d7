#include "model/logs/log_query.h"

#include <charconv>
#include <set>

#include "model/logs/log_store.h"
#include "model/users/lucene.h"

namespace gatehouse::model {
namespace {

using lucene::Node;

constexpr std::string_view kFields[] = {"client_id", "client_name", "connection", "connection_id",   "description",
                                        "hostname",  "ip",          "log_id",     "organization_id", "user_id",
                                        "user_name", "user_agent",  "strategy",   "strategy_type",   "type"};
constexpr std::string_view kBareFields[] = {"client_name", "connection", "description", "ip", "log_id", "type", "user_name"};

/// The time from its beginning up to, not including, its end that a partial date names: 2018, 2018-12, 2018-12-18, 2018-12-18T01:00:00.
std::optional<std::pair<Timestamp, Timestamp>> span_of(std::string_view text) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  int parts[6] = {1970, 1, 1, 0, 0, 0};
  static constexpr size_t widths[] = {4, 2, 2, 2, 2, 2};
  static constexpr char separators[] = {'-', '-', 'T', ':', ':', '.'};
  size_t at = 0, count = 0;
  while (count < 6) {
    if (at + widths[count] > text.size()) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + widths[count], parts[count]);
    if (error != std::errc{} || end != text.data() + at + widths[count]) return std::nullopt;
    at += widths[count++];
    if (at == text.size()) break;
    if (text[at++] != separators[count - 1]) return std::nullopt;
  }
  namespace ch = std::chrono;
  const ch::year_month month = ch::year(parts[0]) / ch::month(unsigned(parts[1]));
  const ch::year_month_day day = month / ch::day(unsigned(parts[2]));
  if (!day.ok() || parts[3] < 0 || parts[3] > 23 || parts[4] < 0 || parts[4] > 59 || parts[5] < 0 || parts[5] > 59) return std::nullopt;
  Timestamp begin = ch::sys_days(day);
  begin += ch::hours(parts[3]) + ch::minutes(parts[4]) + seconds(parts[5]);
  if (at < text.size()) {  // a fraction of a second: to the millisecond
    int milli = 0, unit = 100;
    for (const char c : text.substr(at)) {
      if (c < '0' || c > '9') return std::nullopt;
      milli += (c - '0') * unit;
      unit /= 10;
    }
    begin += milliseconds(milli);
    return std::pair(begin, begin + milliseconds(1));
  }
  switch (count) {
    case 1:
      return std::pair(begin, Timestamp(ch::sys_days((month + ch::years(1)) / ch::day(1))));
    case 2:
      return std::pair(begin, Timestamp(ch::sys_days((month + ch::months(1)) / ch::day(1))));
    case 3:
      return std::pair(begin, Timestamp(begin + ch::days(1)));
    case 4:
      return std::pair(begin, Timestamp(begin + ch::hours(1)));
    case 5:
      return std::pair(begin, Timestamp(begin + ch::minutes(1)));
    default:
      return std::pair(begin, Timestamp(begin + seconds(1)));
  }
}

Error wrong(const std::string& what) { return {Errc::invalid_argument, what}; }

class Compiler {
 public:
  explicit Compiler(LogCondition& out) : out_(out) {}

  Result<void> add(const Node& node) {
    if (node.kind == Node::Kind::all_of) {
      for (const auto& child : node.children) TRY_VOID(add(*child));
      return {};
    }
    if (out_.alternatives.empty() && are_alternatives(node)) {
      for (const auto& child : node.children) out_.alternatives.push_back(child->field + " = " + bind(child->pieces.front()));
      return {};
    }
    TRY(const std::string part, condition(node));
    out_.sql += " AND " + part;
    return {};
  }

  Result<std::string> condition(const Node& node) {
    switch (node.kind) {
      case Node::Kind::all_of:
        return joined(node, " AND ");
      case Node::Kind::any_of: {
        const Inside inside(depth_);
        return joined(node, " OR ");
      }
      case Node::Kind::none_of: {
        const Inside inside(depth_);
        TRY(const std::string inner, condition(*node.children.front()));
        return "NOT (" + inner + ")";
      }
      case Node::Kind::exists: {
        if (node.field == "date") return std::string("TRUE");
        TRY(const std::string column, column_of(node.field));
        return "(" + column + " IS NOT NULL)";
      }
      case Node::Kind::range:
        return node.field == "date" ? dates(node) : range(node);
      case Node::Kind::term:
        return term(node);
    }
    return wrong("The query cannot be understood.");
  }

 private:
  std::string bind(storage::Value value) { return out_.bind(std::move(value)); }

  /// Below OR and NOT.
  struct Inside {
    explicit Inside(int& depth) : depth(depth) { ++depth; }
    ~Inside() { --depth; }
    int& depth;
  };

  /// Several values of one property that has an index.
  static bool are_alternatives(const Node& node) {
    if (node.kind != Node::Kind::any_of) return false;
    std::set<std::string> values;
    for (const auto& child : node.children)
      if (child->kind != Node::Kind::term || child->field != node.children.front()->field || child->pieces.size() != 1 ||
          !values.insert(child->pieces.front()).second)
        return false;
    const std::string& field = node.children.front()->field;
    return field == "type" || field == "client_id" || field == "user_id";
  }

  static Result<std::string> column_of(const std::string& field) {
    if (std::find(std::begin(kFields), std::end(kFields), field) == std::end(kFields))
      return wrong("The field '" + field + "' cannot be searched.");
    return field;
  }

  Result<std::string> joined(const Node& node, const char* between) {
    std::string out;
    for (const auto& child : node.children) {
      TRY(const std::string part, condition(*child));
      out += (out.empty() ? "(" : between) + part;
    }
    return out + ")";
  }

  Result<std::string> term(const Node& node) {
    if (node.field == "date") {
      if (node.pieces.size() == 2 && node.pieces[0].empty() && node.pieces[1].empty()) return std::string("TRUE");
      const auto span = node.pieces.size() == 1 ? span_of(node.pieces[0]) : std::nullopt;
      if (!span) return wrong("A date looks like 2018-12-18 or 2018-12-18T01:00:00.");
      return "(TRUE" + since(span->first) + before(span->second) + ")";
    }
    if (!node.field.empty()) {
      TRY(const std::string column, column_of(node.field));
      return matches(column, node.pieces);
    }
    const Inside inside(depth_);
    std::string out;
    for (const std::string_view column : kBareFields) {
      TRY(const std::string part, matches(std::string(column), node.pieces));
      out += (out.empty() ? "(" : " OR ") + part;
    }
    return out + ")";
  }

  /// Absent columns are null: the test for it keeps NOT from turning "unknown" into "no".
  Result<std::string> matches(const std::string& column, const std::vector<std::string>& pieces) {
    // Below OR and NOT no index is to be used: it would collect and sort all events of a value instead of walking back from the newest.
    if (pieces.size() == 1 && depth_ > 0) return "(" + column + " IS NOT NULL AND COALESCE(" + column + ", '') = " + bind(pieces[0]) + ")";
    if (pieces.size() == 1) return "(" + column + " = " + bind(pieces[0]) + ")";
    size_t literals = 0;
    std::string pattern;
    for (size_t i = 0; i < pieces.size(); ++i) {
      if (i > 0) pattern += '%';
      literals += pieces[i].size();
      for (const char c : pieces[i]) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
      }
    }
    if (literals == 0) return "(" + column + " IS NOT NULL)";
    if (pieces.front().empty() && literals < 3) return wrong("A wildcard in front needs three characters or more.");
    return "(" + column + " IS NOT NULL AND " + column + " LIKE " + bind(pattern) + " ESCAPE '\\')";
  }

  Result<std::string> range(const Node& node) {
    TRY(const std::string column, column_of(node.field));
    std::string out = "(" + column + " IS NOT NULL";
    if (node.low) out += " AND " + column + (node.low_inclusive ? " >= " : " > ") + bind(*node.low);
    if (node.high) out += " AND " + column + (node.high_inclusive ? " <= " : " < ") + bind(*node.high);
    return out + ")";
  }

  // A log_id begins with the time at which it was made, so that the key leads to the events of a time: never before the event's own, and
  // later by no more than the clock was set back.
  std::string since(Timestamp time) { return " AND date >= " + bind(time) + " AND log_id >= " + bind(log_id_prefix(time)); }
  std::string before(Timestamp time) {
    return " AND date < " + bind(time) + " AND log_id < " + bind(log_id_prefix(time + std::chrono::hours(2)));
  }

  Result<std::string> dates(const Node& node) {
    std::string out = "(TRUE";
    for (const bool low : {true, false}) {
      const auto& end = low ? node.low : node.high;
      if (!end) continue;
      const auto span = span_of(*end);
      if (!span) return wrong("A date looks like 2018-12-18 or 2018-12-18T01:00:00.");
      out += low ? since(node.low_inclusive ? span->first : span->second) : before(node.high_inclusive ? span->second : span->first);
    }
    return out + ")";
  }

  LogCondition& out_;
  int depth_ = 0;
};

}  // namespace

Result<LogCondition> compile_log_query(const TenantId& tenant, const LogQuery& query) {
  LogCondition out;
  out.arguments.emplace_back(tenant);
  out.sql = "tenant = $1";
  if (!query.user_id.empty()) {
    out.sql += " AND user_id = " + out.bind(query.user_id);
  }
  if (!query.q.empty()) {
    TRY(const auto tree, lucene::parse(query.q));
    TRY_VOID(Compiler(out).add(*tree));
  }
  return out;
}

}  // namespace gatehouse::model
