#include "base/clock.h"

#include <cstdio>
#include <ctime>

namespace gatehouse {

std::string to_iso8601(Timestamp t) {
  const auto ms = std::chrono::floor<milliseconds>(t).time_since_epoch().count();
  const std::time_t s = static_cast<std::time_t>(ms >= 0 ? ms / 1000 : (ms - 999) / 1000);
  std::tm tm{};
  gmtime_r(&s, &tm);
  char out[96];
  std::snprintf(out, sizeof out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                tm.tm_sec, static_cast<int>(ms - static_cast<int64_t>(s) * 1000));
  return out;
}

}  // namespace gatehouse
