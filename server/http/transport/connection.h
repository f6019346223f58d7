#pragma once
#include "http/transport/loop.h"

namespace gatehouse::http::transport {

/// One client's connection: a state machine on its loop's thread. At any time it either waits for its socket or for a lane, and
/// whichever of the two it is keeps it alive. Requests are served one after another, also when they come pipelined.
class Connection final : public std::enable_shared_from_this<Connection>,
                         public Expiring,
                         public boost::intrusive::list_base_hook<boost::intrusive::tag<struct ConnectionListTag>,
                                                                 boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Connection(Loop& loop, Shared& shared, int socket, const IpAddress& peer);
  ~Connection() override;

  void start(const TlsContext* tls);
  void begin_stop();
  void close();
  void expire() override;

 private:
  enum class Phase {
    handshake,
    idle,  ///< no byte of a next request yet; nothing is held but the socket and the TLS session
    reading,
    handling,  ///< on a lane
    writing,
    draining,  ///< everything is said; waits for the client's end, so that a reset does not destroy our last words
    closed,
  };
  struct Exchange;

  void advance();
  bool shake_hands();
  bool read_request();
  void on_head();
  bool find_tenant();
  [[nodiscard]] bool has_piece() const;
  void hand_over_piece();
  bool store_piece() noexcept;
  void dispatch();
  [[nodiscard]] bool peer_has_left() const;
  Response answer() noexcept;
  void fail(int status, std::string_view message, bool close);
  void respond();
  bool write_response();
  void fetch_piece();
  Result<std::string> next_piece() noexcept;
  bool finish_exchange();
  void report() noexcept;
  bool drain();
  void wait(Io direction, SteadyTime deadline);

  Loop& loop_;
  Shared& shared_;
  boost::asio::posix::stream_descriptor socket_;
  const int descriptor_;  ///< the socket's, for other threads: it may be closed already
  Stream stream_;
  const IpAddress peer_;
  Phase phase_ = Phase::handshake;
  uint32_t wait_ticket_ = 0;  ///< tells an answered wait from one that was given up
  SteadyTime since_;          ///< accepted, idle or draining since
  std::unique_ptr<Exchange> exchange_;
  std::string input_;  ///< bytes of the next request that came with the last one
  std::string output_;
  size_t sent_ = 0;
  size_t drained_ = 0;
};

struct ConnectionList {
  using Hook = boost::intrusive::list_base_hook<boost::intrusive::tag<ConnectionListTag>,
                                                boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
  boost::intrusive::list<Connection, boost::intrusive::base_hook<Hook>, boost::intrusive::constant_time_size<false>> items;

  /// Calls it for each one; it may close the connection it is given.
  template <class Function>
  void for_each(Function function) {
    std::vector<std::shared_ptr<Connection>> all;
    for (Connection& connection : items)
      if (auto kept = connection.weak_from_this().lock()) all.push_back(std::move(kept));
    for (const auto& connection : all) function(*connection);
  }
};

}  // namespace gatehouse::http::transport
