#pragma once
#include <boost/asio/posix/stream_descriptor.hpp>

#include "http/transport/timer_wheel.h"

namespace gatehouse::http::transport {

/// How far behind a loop is. The kernel hands out ready sockets in the order in which they became ready; a descriptor that is always ready
/// is queued among them, and when its turn comes everything has been served that was ready before. The time in between is measured in the
/// thread's own processor time: it is the work that waited, however long others kept the processor meanwhile. Where a hypervisor keeps it,
/// even that clock goes on; so a backlog is long only when it is of many requests as well. Not thread-safe.
class Backlog {
 public:
  explicit Backlog(boost::asio::io_context& io);

  /// To be asked before each request that is dear: whether one that became ready now would wait for longer than `most`. Costs a look at
  /// the clock, seldom a system call.
  bool is_long();

 private:
  void look(SteadyTime now);
  [[nodiscard]] bool was_long() const;

  static constexpr std::chrono::milliseconds most{25};
  static constexpr size_t fewest = 50;  ///< requests
  static constexpr std::chrono::milliseconds interval{5};

  boost::asio::posix::stream_descriptor always_ready_;
  bool looking_ = false;  ///< queued, not yet come up
  bool long_ = false;     ///< the last time it came up
  SteadyTime since_{};    ///< began to look
  std::chrono::nanoseconds used_{};  ///< processor time then
  size_t requests_ = 0;              ///< since then
};

}  // namespace gatehouse::http::transport
