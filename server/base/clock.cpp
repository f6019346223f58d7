#include "base/clock.h"

namespace gatehouse {
namespace {

/// Calendar parts of a moment, UTC.
struct CalendarTime {
  explicit CalendarTime(Timestamp t) {
    const auto midnight = std::chrono::floor<std::chrono::days>(t);
    const std::chrono::year_month_day date(midnight);
    const std::chrono::hh_mm_ss clock(t - midnight);
    year = int(date.year());
    month = unsigned(date.month());
    day = unsigned(date.day());
    hour = clock.hours().count();
    minute = clock.minutes().count();
    second = clock.seconds().count();
    microsecond = clock.subseconds().count();
  }
  int64_t year, month, day, hour, minute, second, microsecond;
};

void append_digits(std::string& out, int64_t number, size_t width) {
  const size_t start = out.size();
  out.append(width, '0');
  for (size_t i = start + width; number > 0 && i > start; number /= 10) out[--i] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string to_iso8601(Timestamp t) {
  const CalendarTime c(t);
  std::string out;
  out.reserve(24);
  append_digits(out, c.year, 4);
  out += '-';
  append_digits(out, c.month, 2);
  out += '-';
  append_digits(out, c.day, 2);
  out += 'T';
  append_digits(out, c.hour, 2);
  out += ':';
  append_digits(out, c.minute, 2);
  out += ':';
  append_digits(out, c.second, 2);
  out += '.';
  append_digits(out, c.microsecond / 1'000, 3);
  out += 'Z';
  return out;
}

std::string to_compact_digits(Timestamp t) {
  const CalendarTime c(t);
  std::string out;
  out.reserve(20);
  append_digits(out, c.year, 4);
  for (const int64_t part : {c.month, c.day, c.hour, c.minute, c.second}) append_digits(out, part, 2);
  append_digits(out, c.microsecond, 6);
  return out;
}

}  // namespace gatehouse
