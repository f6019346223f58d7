#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <thread>

#include "http/forwarded.h"
#include "http/transport/backlog.h"
#include "http/transport/lane_pool.h"
#include "http/transport/request_reader.h"
#include "http/transport/timer_wheel.h"
#include "http/transport/tls.h"

namespace gatehouse::http::transport {

class Connection;
class Loop;

/// What every loop and connection of one server share. Read-only after the start but for the counters.
struct Shared {
  ServerOptions options;
  const Router& router;
  ServerHooks hooks;
  const Clock& clock;
  TrustedProxies proxies;
  RequestLimits request_limits;
  std::vector<Loop*> loops{};

  /// Null for Lane::inline_.
  [[nodiscard]] LanePool* pool(Lane lane) const;
  /// Counts a new connection in; false when the server or this address has as many as it may.
  [[nodiscard]] bool admit(const IpAddress& peer);
  void dismiss(const IpAddress& peer);
  /// The loop with the fewest connections.
  [[nodiscard]] Loop& least_loaded(Loop& preferred) const;

  std::unique_ptr<LanePool> store, sign_in, outbound, admin;
  std::atomic<size_t> connections{0};
  std::atomic<bool> stopping{false};
  std::atomic<bool> abandoned{false};  ///< the time to stop is over: what still waits for a lane is not run any more
  std::mutex addresses_mutex;          // taken once a connection, never for a request
  std::map<IpAddress, size_t> addresses;
  std::condition_variable all_closed;  // with addresses_mutex
};

/// One thread with an event loop and the connections that live on it.
class Loop {
 public:
  Loop(Shared& shared, std::shared_ptr<const TlsContext> tls);
  /// Ends the thread; connections that are left are dropped.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Before start(): accepts from this listening socket (a copy of it), which the other loops listen on as well.
  Result<void> listen(int socket);
  void start();

  // --- from any thread
  void post(std::function<void()> task);
  void set_tls(std::shared_ptr<const TlsContext> tls);
  /// Stops accepting, closes idle connections, hurries the others.
  void begin_stop();
  /// Closes every connection, whatever it does.
  void close_all();
  [[nodiscard]] size_t connections() const { return count_.load(std::memory_order_relaxed); }

  // --- from the loop's own thread
  boost::asio::io_context& io() { return io_; }
  TimerWheel& wheel() { return wheel_; }
  std::span<char> read_buffer() { return read_buffer_; }  ///< shared: to be used up before returning
  std::string& spare_output() { return spare_output_; }   ///< an empty string with capacity; swap it back when done
  const std::string& date(Timestamp now);                 ///< Date field, formatted once a second
  std::string next_request_id();
  /// When the server stops: until when requests that are still coming in may do so.
  [[nodiscard]] const std::optional<SteadyTime>& hurry_until() const { return hurry_until_; }
  /// Whether requests wait here for longer than is good: time to refuse what is dearer than its refusal.
  bool is_behind() { return backlog_.is_long(); }
  void add(Connection& connection);
  void removed() { count_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  using Descriptor = boost::asio::posix::stream_descriptor;
  void accept_when_ready(Descriptor& listener);
  bool accept_some(Descriptor& listener);
  void adopt(int socket, const IpAddress& peer);
  void tick();

  Shared& shared_;
  std::shared_ptr<const TlsContext> tls_;
  TimerWheel wheel_;  // before io_: connections that die with it leave the wheel
  std::unique_ptr<struct ConnectionList> list_;
  std::atomic<size_t> count_{0};
  std::vector<char> read_buffer_;
  std::string spare_output_;
  std::string date_;
  int64_t date_second_ = -1;
  std::optional<SteadyTime> hurry_until_;
  uint64_t id_seed_ = 0, id_count_ = 0;
  boost::asio::io_context io_{1};
  boost::asio::steady_timer tick_;
  boost::asio::steady_timer accept_pause_;
  Backlog backlog_;
  std::deque<Descriptor> listeners_;
  std::thread thread_;
};

}  // namespace gatehouse::http::transport
