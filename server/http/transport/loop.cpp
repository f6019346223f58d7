#include "http/transport/loop.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>

#include "base/encoding.h"
#include "crypto/random.h"
#include "http/transport/connection.h"
#include "http/transport/response_writer.h"

namespace gatehouse::http::transport {
namespace asio = boost::asio;
namespace {

constexpr seconds stop_grace{5};

}  // namespace

LanePool* Shared::pool(Lane lane) const {
  switch (lane) {
    case Lane::inline_:
      return nullptr;
    case Lane::store:
      return store.get();
    case Lane::sign_in:
      return sign_in.get();
    case Lane::outbound:
      return outbound.get();
    case Lane::admin:
      return admin.get();
  }
  return nullptr;
}

bool Shared::admit(const IpAddress& peer) {
  const std::lock_guard lock(addresses_mutex);
  if (connections.load() >= options.max_connections) return false;
  size_t& count = addresses[peer];
  if (count >= options.max_connections_per_address) return false;
  ++count;
  connections.fetch_add(1);
  return true;
}

void Shared::dismiss(const IpAddress& peer) {
  const std::lock_guard lock(addresses_mutex);
  const auto it = addresses.find(peer);
  if (it != addresses.end() && --it->second == 0) addresses.erase(it);
  if (connections.fetch_sub(1) == 1) all_closed.notify_all();
}

Loop& Shared::least_loaded(Loop& preferred) const {
  Loop* best = &preferred;
  for (Loop* loop : loops)
    if (loop->connections() < best->connections()) best = loop;
  return *best;
}

Loop::Loop(Shared& shared, std::shared_ptr<const TlsContext> tls)
    : shared_(shared),
      tls_(std::move(tls)),
      wheel_(std::chrono::steady_clock::now()),
      list_(std::make_unique<ConnectionList>()),
      read_buffer_(16 * 1024 + 512),
      tick_(io_),
      accept_pause_(io_),
      backlog_(io_) {
  const std::string seed = crypto::SystemRandom().bytes(sizeof id_seed_);
  std::memcpy(&id_seed_, seed.data(), sizeof id_seed_);
}

Loop::~Loop() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

Result<void> Loop::listen(int socket) {
  const int copy = fcntl(socket, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) return Error{Errc::internal, "The listening socket cannot be shared.", std::strerror(errno)};
  listeners_.emplace_back(io_, copy);
  return {};
}

void Loop::start() {
  for (Descriptor& listener : listeners_) accept_when_ready(listener);
  tick();
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "http loop");
    const auto guard = asio::make_work_guard(io_);
    io_.run();
  });
}

void Loop::post(std::function<void()> task) { asio::post(io_, std::move(task)); }

void Loop::set_tls(std::shared_ptr<const TlsContext> tls) {
  post([this, tls = std::move(tls)] { tls_ = tls; });
}

void Loop::begin_stop() {
  post([this] {
    boost::system::error_code ignored;
    for (Descriptor& listener : listeners_) listener.close(ignored);
    accept_pause_.cancel();
    hurry_until_ = std::chrono::steady_clock::now() + stop_grace;
    list_->for_each([](Connection& connection) { connection.begin_stop(); });
  });
}

void Loop::close_all() {
  post([this] { list_->for_each([](Connection& connection) { connection.close(); }); });
}

void Loop::add(Connection& connection) { list_->items.push_back(connection); }

const std::string& Loop::date(Timestamp now) {
  if (const int64_t second = to_unix_seconds(now); second != date_second_) {
    date_second_ = second;
    date_ = http_date(now);
  }
  return date_;
}

/// Unique, not secret: a counter through a bijection (splitmix64's), from a random start.
std::string Loop::next_request_id() {
  const auto mix = [](uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  };
  const uint64_t value = mix(id_seed_ + ++id_count_ * 0x9e3779b97f4a7c15ULL);
  char bytes[10];
  std::memcpy(bytes, &value, sizeof value);
  std::memcpy(bytes + sizeof value, &id_seed_, 2);
  return hex_encode({bytes, sizeof bytes});
}

void Loop::tick() {
  tick_.expires_after(TimerWheel::tick);
  tick_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    wheel_.advance(std::chrono::steady_clock::now());
    tick();
  });
}

void Loop::accept_when_ready(Descriptor& listener) {
  listener.async_wait(Descriptor::wait_read, [this, &listener](const boost::system::error_code& error) {
    if (error || shared_.stopping) return;
    if (accept_some(listener)) return accept_when_ready(listener);
    // Out of descriptors or memory: the socket stays readable, so asking again at once would only burn the processor.
    accept_pause_.expires_after(milliseconds(100));
    accept_pause_.async_wait([this, &listener](const boost::system::error_code& stopped) {
      if (!stopped) accept_when_ready(listener);
    });
  });
}

/// Takes what waits, a bounded number at a time. False when the system refuses and a pause is due.
bool Loop::accept_some(Descriptor& listener) {
  for (int i = 0; i < 64; ++i) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    const int socket = accept4(listener.native_handle(), reinterpret_cast<sockaddr*>(&address), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK;  // another loop was faster, or there are no more
    }
    std::array<uint8_t, 16> bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (address.ss_family == AF_INET6) {
      std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, 16);
    } else {
      std::memcpy(bytes.data() + 12, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, 4);
    }
    const IpAddress peer(bytes);
    if (!shared_.admit(peer)) {
      ::close(socket);
      continue;
    }
    Loop& target = shared_.least_loaded(*this);
    target.count_.fetch_add(1, std::memory_order_relaxed);
    if (&target == this)
      adopt(socket, peer);
    else
      target.post([&target, socket, peer] { target.adopt(socket, peer); });
  }
  return true;
}

void Loop::adopt(int socket, const IpAddress& peer) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto connection = std::make_shared<Connection>(*this, shared_, socket, peer);
  connection->start(tls_.get());
}

}  // namespace gatehouse::http::transport
