#include <charconv>

#include "liquid/filters.h"

namespace gatehouse::liquid {
namespace {

using Days = std::chrono::sys_days;

/// 2026-04-23, 2026-04-23T07:39:13, with a fraction and Z or an offset; seconds since the epoch; now, today. UTC.
std::optional<Timestamp> moment(const json::value& value, Timestamp now) {
  if (value.is_number()) return from_micros(int64_t(std::clamp(to_number(value), -6e10, 2e11) * 1e6));
  if (!value.is_string()) return std::nullopt;
  std::string_view text(value.get_string());
  if (text == "now") return now;
  if (text == "today") return Timestamp(std::chrono::floor<std::chrono::days>(now));
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos && text.size() < 12) {
    int64_t seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return from_micros(seconds * 1'000'000);
  }
  size_t at = 0;
  const auto digits = [&](size_t count) -> std::optional<int> {
    int out = 0;
    if (at + count > text.size()) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + count, out);
    if (error != std::errc{} || end != text.data() + at + count || text[at] == '-') return std::nullopt;
    at += count;
    return out;
  };
  const auto symbol = [&](std::string_view any) {
    return at < text.size() && any.find(text[at]) != std::string_view::npos ? ++at > 0 : false;
  };
  const auto year = digits(4);
  if (!year || !symbol("-")) return std::nullopt;
  const auto month = digits(2);
  if (!month || !symbol("-")) return std::nullopt;
  const auto day = digits(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(unsigned(*month)), std::chrono::day(unsigned(*day))};
  if (!date.ok()) return std::nullopt;
  Timestamp out = Days(date);
  if (at == text.size()) return out;
  if (!symbol("T ")) return std::nullopt;
  const auto hour = digits(2);
  if (!hour || !symbol(":")) return std::nullopt;
  const auto minute = digits(2);
  if (!minute) return std::nullopt;
  out += std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  if (symbol(":")) {
    const auto second = digits(2);
    if (!second) return std::nullopt;
    out += seconds(*second);
    if (symbol("."))
      for (int64_t unit = 100'000; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])); unit /= 10, ++at)
        out += microseconds((text[at] - '0') * unit);
  }
  if (at == text.size() || symbol("Z")) return at == text.size() ? std::optional(out) : std::nullopt;
  const bool west = text[at] == '-';
  if (!symbol("+-")) return std::nullopt;
  const auto offset_hours = digits(2);
  symbol(":");
  const auto offset_minutes = digits(2);
  if (!offset_hours || !offset_minutes || at != text.size()) return std::nullopt;
  const auto offset = std::chrono::hours(*offset_hours) + std::chrono::minutes(*offset_minutes);
  return west ? out + offset : out - offset;
}

std::string padded(int64_t number, int width, char fill) {
  std::string out = std::to_string(number);
  if (int(out.size()) < width && fill) out.insert(0, size_t(width) - out.size(), fill);
  return out;
}

std::string ordinal(unsigned day) {
  if (day % 100 >= 11 && day % 100 <= 13) return "th";
  return day % 10 == 1 ? "st" : day % 10 == 2 ? "nd" : day % 10 == 3 ? "rd" : "th";
}

constexpr std::string_view kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                        "July",    "August",   "September", "October", "November", "December"};
constexpr std::string_view kWeekdays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

/// strftime in UTC and English, with the flags - (no padding), ^ (upper case), 0 and _ (padding).
std::string format(Timestamp t, std::string_view pattern) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(t - day);
  const unsigned weekday = std::chrono::weekday(day).c_encoding();
  const auto year = int(date.year());
  const auto month = unsigned(date.month()), of_month = unsigned(date.day());
  const int64_t of_year = (day - Days(date.year() / 1 / 1)).count() + 1;
  const int64_t hour = time.hours().count(), half = (hour + 11) % 12 + 1;
  std::string out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%' || i + 1 >= pattern.size()) {
      out += pattern[i];
      continue;
    }
    const size_t begin = i++;
    char flag = 0;
    if (std::string_view("-_0^#:").find(pattern[i]) != std::string_view::npos && i + 1 < pattern.size()) flag = pattern[i++];
    const auto number = [&](int64_t n, int width, char fill = '0') {
      return padded(n, width, flag == '-' ? char(0) : flag == '_' ? ' ' : flag == '0' ? '0' : fill);
    };
    const auto name = [&](std::string_view word) {
      std::string text(word);
      if (flag == '^' || flag == '#')
        std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::toupper(c)); });
      return text;
    };
    switch (pattern[i]) {
      case 'a':
        out += name(kWeekdays[weekday].substr(0, 3));
        break;
      case 'A':
        out += name(kWeekdays[weekday]);
        break;
      case 'b':
      case 'h':
        out += name(kMonths[month - 1].substr(0, 3));
        break;
      case 'B':
        out += name(kMonths[month - 1]);
        break;
      case 'C':
        out += number(year / 100, 2);
        break;
      case 'd':
        out += number(of_month, 2);
        break;
      case 'D':
        out += format(t, "%m/%d/%y");
        break;
      case 'e':
        out += number(of_month, 2, ' ');
        break;
      case 'F':
        out += format(t, "%Y-%m-%d");
        break;
      case 'H':
        out += number(hour, 2);
        break;
      case 'I':
        out += number(half, 2);
        break;
      case 'j':
        out += number(of_year, 3);
        break;
      case 'k':
        out += number(hour, 2, ' ');
        break;
      case 'l':
        out += number(half, 2, ' ');
        break;
      case 'L':
        out += number(std::chrono::floor<milliseconds>(time.subseconds()).count(), 3);
        break;
      case 'm':
        out += number(month, 2);
        break;
      case 'M':
        out += number(time.minutes().count(), 2);
        break;
      case 'n':
        out += '\n';
        break;
      case 'N':
        out += number(time.subseconds().count() * 1000, 9);
        break;
      case 'p':
        out += hour < 12 ? "AM" : "PM";
        break;
      case 'P':
        out += hour < 12 ? "am" : "pm";
        break;
      case 'q':
        out += ordinal(of_month);
        break;
      case 'R':
        out += format(t, "%H:%M");
        break;
      case 's':
        out += std::to_string(to_unix_seconds(t));
        break;
      case 'S':
        out += number(time.seconds().count(), 2);
        break;
      case 't':
        out += '\t';
        break;
      case 'T':
      case 'X':
        out += format(t, "%H:%M:%S");
        break;
      case 'u':
        out += std::to_string(weekday == 0 ? 7 : weekday);
        break;
      case 'w':
        out += std::to_string(weekday);
        break;
      case 'x':
        out += format(t, "%m/%d/%y");
        break;
      case 'y':
        out += number(year % 100, 2);
        break;
      case 'Y':
        out += std::to_string(year);
        break;
      case 'z':
        out += flag == ':' ? "+00:00" : "+0000";
        break;
      case 'Z':
        out += "UTC";
        break;
      case '%':
        out += '%';
        break;
      default:
        out += pattern.substr(begin, i - begin + 1);
    }
  }
  return out;
}

Result<Value> date(const Value& v, const Arguments& a, Scope& scope) {
  const auto when = moment(v.get(), scope.options().now);
  if (!when) return Value(v);
  const std::string pattern = a.has(0) ? a.text(0) : "%A, %B %-e, %Y at %-l:%M %P %z";
  TRY_VOID(scope.spend(pattern.size() * 8));
  return Value::text(format(*when, pattern));
}

/// Stands in for nil, false, "" and []; `allow_false: true` keeps false.
Result<Value> default_to(const Value& v, const Arguments& a, Scope&) {
  const json::value& in = v.get();
  const bool missing = in.is_null() || (in.is_bool() && !in.get_bool() && !a.flag("allow_false")) ||
                       (in.is_string() && in.get_string().empty()) || (in.is_array() && in.get_array().empty());
  return missing ? Value(a.value(0)) : Value(v);
}

constexpr FilterEntry kFilters[] = {{"date", date}, {"default", default_to}};

}  // namespace

std::span<const FilterEntry> date_filters() { return kFilters; }

}  // namespace gatehouse::liquid
