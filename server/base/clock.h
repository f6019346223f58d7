#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace gatehouse {

/// A moment of wall-clock time, microseconds since the epoch: what the database stores and tokens are made from.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline int64_t to_micros(Timestamp t) { return t.time_since_epoch().count(); }
inline Timestamp from_micros(int64_t us) { return Timestamp(microseconds(us)); }
inline int64_t to_unix_seconds(Timestamp t) { return std::chrono::floor<seconds>(t).time_since_epoch().count(); }
/// ISO 8601 with milliseconds and Z, the form of Auth0's dates: 2026-04-23T07:39:13.465Z.
std::string to_iso8601(Timestamp t);
/// The same moment to the microsecond in 20 digits, which sort by time: 20260423073913465123.
std::string to_compact_digits(Timestamp t);

/// Where time comes from. Injected everywhere, so that tests can move it.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now()); }
};

/// A clock that stands still until told otherwise (tests).
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = from_micros(1'800'000'000'000'000)) : now_(start) {}
  [[nodiscard]] Timestamp now() const override { return now_; }
  void advance(microseconds by) { now_ += by; }
  void set(Timestamp t) { now_ = t; }

 private:
  Timestamp now_;
};

}  // namespace gatehouse
