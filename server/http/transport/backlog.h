#pragma once
#include <boost/asio/posix/stream_descriptor.hpp>

#include "http/transport/timer_wheel.h"

namespace gatehouse::http::transport {

/// How far behind a loop is. The kernel hands out ready sockets in the order in which they became ready; a descriptor that is always ready
/// is queued among them, and when its turn comes everything has been served that was ready before. The time in between is measured in the
/// thread's own processor time: it is the work that waited, however long others kept the processor meanwhile. Not thread-safe.
class Backlog {
 public:
  explicit Backlog(boost::asio::io_context& io);

  /// Whether a request that became ready now would wait behind more work than `most`. Costs a look at the clock, seldom a system call.
  bool is_long();

 private:
  void look(SteadyTime now);

  static constexpr std::chrono::milliseconds most{30};
  static constexpr std::chrono::milliseconds interval{5};

  boost::asio::posix::stream_descriptor always_ready_;
  bool looking_ = false;  ///< queued, not yet come up
  bool long_ = false;     ///< the last time it came up
  SteadyTime since_{};    ///< began to look
  std::chrono::nanoseconds used_{};  ///< processor time then
};

}  // namespace gatehouse::http::transport
