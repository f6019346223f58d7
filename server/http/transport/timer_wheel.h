#pragma once
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <vector>

namespace gatehouse::http::transport {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Something that has a deadline. Leaves its wheel by itself when it dies.
class Expiring : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual ~Expiring() = default;
  /// The deadline has passed; it is no longer scheduled. May destroy the object.
  virtual void expire() = 0;

 private:
  friend class TimerWheel;
  SteadyTime deadline_{};
};

/// Coarse deadlines of one loop's connections: setting or moving one is a few pointers, whatever their number; they fire at most
/// a tick late. Not thread-safe.
class TimerWheel {
 public:
  static constexpr std::chrono::milliseconds tick{250};

  explicit TimerWheel(SteadyTime start) : start_(start), slots_(slot_count) {}

  /// Sets or moves the deadline.
  void schedule(Expiring& item, SteadyTime deadline) {
    item.deadline_ = deadline;
    const uint64_t due = deadline <= start_ ? 0 : static_cast<uint64_t>((deadline - start_) / tick) + 1;
    // Further away than the wheel reaches: parked in its last slot, looked at again there.
    const uint64_t at = std::clamp(due, current_ + 1, current_ + slot_count - 1);
    item.unlink();
    slots_[at % slot_count].push_back(item);
  }
  static void cancel(Expiring& item) { item.unlink(); }

  /// Fires everything that is due.
  void advance(SteadyTime now) {
    const uint64_t target = static_cast<uint64_t>((now - start_) / tick);
    while (current_ < target) {
      ++current_;
      List due;
      due.swap(slots_[current_ % slot_count]);
      while (!due.empty()) {
        Expiring& item = due.front();
        due.pop_front();
        if (item.deadline_ <= now)
          item.expire();
        else
          schedule(item, item.deadline_);
      }
    }
  }

 private:
  static constexpr uint64_t slot_count = 512;
  using List = boost::intrusive::list<Expiring, boost::intrusive::constant_time_size<false>>;
  SteadyTime start_;
  uint64_t current_ = 0;
  std::vector<List> slots_;
};

}  // namespace gatehouse::http::transport
