#include "http/transport/backlog.h"

#include <sys/eventfd.h>

#include <ctime>

namespace gatehouse::http::transport {
namespace {

std::chrono::nanoseconds processor_time() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace

Backlog::Backlog(boost::asio::io_context& io) : always_ready_(io, eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)) {}

bool Backlog::is_long() {
  const SteadyTime now = std::chrono::steady_clock::now();
  ++requests_;
  if (!looking_) {
    if (now - since_ >= interval) look(now);
    return false;
  }
  return long_ || (now - since_ > most && was_long());
}

bool Backlog::was_long() const { return requests_ >= fewest && processor_time() - used_ > most; }

void Backlog::look(SteadyTime now) {
  looking_ = true;
  since_ = now;
  used_ = processor_time();
  requests_ = 0;
  always_ready_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    looking_ = false;
    if (error) return;
    long_ = was_long();
    if (long_) look(std::chrono::steady_clock::now());  // until it is short again, also when nobody asks
  });
}

}  // namespace gatehouse::http::transport
